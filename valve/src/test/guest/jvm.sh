# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A JVM in the server's domain that does in confined threads what it is told.

base=/var/lib/tomcat-selinux/jvm
data=/srv/tomcat/data
in_jvm=/usr/libexec/tomcat-selinux/confined-jvm
thread=system_u:system_r:unpriv_webapp_thread_t

make_jvm() {
    mkdir -p $base/temp $data/{alice,bob,staff}
    for whose in alice bob staff; do
        echo "${whose^^}" >$data/$whose/file
    done
    chown -R tomcat:tomcat $base $data
    restorecon -R $base $data
    chcon -R -t unpriv_webapp_data_t -l s0:c0 $data/alice
    chcon -R -t unpriv_webapp_data_t -l s0:c1 $data/bob
    chcon -R -t staff_webapp_data_t $data/staff
    cat >$in_jvm <<SCRIPT
#!/bin/bash
# What a crashed JVM has to say is written by the thread that crashed: a confined one may write to a pipe of the server's.
set -o pipefail
java -Xmx512m -Djava.io.tmpdir=$base/temp -XX:+ErrorFileToStdout \\
    -cp /share/test-classes:/usr/share/tomcat-selinux/tomcat-selinux-valve.jar io.github.tomcatselinux.guest.ConfinedJvm "\$@" | cat
SCRIPT
    chmod 0755 $in_jvm
    chcon -t tomcat_exec_t $in_jvm
}

# jvm CONTEXT ACTION... [-- CONTEXT ACTION...]...: what came of each.
jvm() {
    as-service setpriv --reuid tomcat --regid tomcat --clear-groups $in_jvm "$@" 2>>$base/errors \
        || echo "the JVM ended with $?"
}

# ok ACTION...: the lines of a JVM in which each of these went well; denied ACTION...: in which each was denied.
ok() {
    printf '%s: ok\n' "$@"
}
denied() {
    printf '%s: denied\n' "$@"
}

# compare SENTENCE EXPECTED ACTUAL: check for many lines; shows only those that differ.
compare() {
    local difference
    difference=$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | grep '^[<>]' || true)
    check "$1" "" "$difference"
}
