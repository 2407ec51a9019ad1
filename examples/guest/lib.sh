# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How an example is set up, started, asked and stopped in the guest, by what its own page says.

export JAVA_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.net.preferIPv4Stack=true"
started=()

# await SENTENCE COMMAND...: until the command succeeds; five minutes at most, then a test has failed.
await() {
    local sentence=$1 last=$((SECONDS + 300))
    shift
    while ! "$@"; do
        ((SECONDS < last)) || { check "$sentence" 'within five minutes' never; return 1; }
        sleep 0.1
    done
}

# service NAME COMMAND...: starts it as init does, what it says goes to /tmp/NAME.out.
service() {
    local name=$1
    shift
    as-service "$@" >"/tmp/$name.out" 2>&1 </dev/null &
    started+=($!)
}

# tomcat NAME...: starts the Tomcats whose CATALINA_BASE is /var/lib/tomcat-selinux/NAME, and waits until they serve.
tomcat() {
    local name
    for name; do
        CATALINA_BASE=/var/lib/tomcat-selinux/$name service "$name" setpriv --reuid tomcat --regid tomcat --clear-groups \
            /usr/libexec/tomcat-selinux/tomcat-start
    done
    for name; do
        await "the Tomcat of $name starts" grep -q 'Server startup in' "/tmp/$name.out" || exit 1
    done
}

# apache URL: starts Apache with what is configured, after the folders that tmpfiles makes elsewhere, and waits for an answer.
apache() {
    install -d /run/apache2 && install -d -o www-data /run/apache2/socks /run/lock/apache2
    restorecon -R /run/apache2 /run/lock
    service apache sh -c '. /etc/apache2/envvars && exec apache2 -DFOREGROUND'
    await "Apache answers" curl -s -o /dev/null "$1" || exit 1
}

# stop_all: ends what was started, and waits for that.
stop_all() {
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait "${started[@]}" 2>/dev/null || true
    started=()
}

# recorded SOURCE TARGET: whether the kernel has refused a process of that type:range something of that one.
recorded() {
    dmesg | grep -qE "avc: +denied .*scontext=[^ ]*:$1 tcontext=[^ ]*:$2 "
}

# kernel_refused SENTENCE SOURCE TARGET: since records were last forgotten. A record may come a moment after the answer.
kernel_refused() {
    await "$1" recorded "$2" "$3" && check "$1" refused refused
}

# status [CURL-ARG...]: of the answer; what it says is in /tmp/body.
status() {
    curl -s -o /tmp/body -w '%{http_code}' --max-time 120 "$@"
}
