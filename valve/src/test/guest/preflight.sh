# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What the preflight finds: with the line that names it, the two contexts and a command; and that the command mends it.

# prepare_preflight: a virtual host for each thing that is wrong; "#" in front, so that it is not the first line that is named.
prepare_preflight() {
    local name
    for name in nosched loose closed lax base; do
        printf '# Whom this is for.\n\nnobody @deny\n* %s_webapp_t:s0\n' "$name" >"$base/conf/$name.map"
    done
    mkdir -p /srv/tomcat/wrong
    echo wrong >/srv/tomcat/wrong/common.txt
    restorecon -R /srv/tomcat/wrong
    chcon -t tomcat_etc_t /srv/tomcat/wrong
    chown -R tomcat:tomcat "$base"
    host nosched 'mappingFile="conf/nosched.map"'
    host loose 'mappingFile="conf/loose.map"'
    host closed 'mappingFile="conf/closed.map" servlets="deny"'
    host lax 'mappingFile="conf/lax.map" servlets="deny"'
    host wrong 'defaultContext="*:s0" servlets="deny"'
    echo '<Context docBase="/srv/tomcat/wrong"/>' >"$base/conf/Catalina/wrong.example/ROOT.xml"
    host threads 'mappingFile="conf/base.map"'
}

# prepare_thousand: hosts with as many contexts as are tried by default.
prepare_thousand() {
    for ((i = 0; i < 1000; i++)); do
        echo "user$i *:s0:c$i"
    done >"$base/conf/thousand.map"
    echo '* *:s0' >>"$base/conf/thousand.map"
    host helpers 'mappingFile="conf/thousand.map" servlets="deny" preflightLimit="1001"'
    host both 'mappingFile="conf/thousand.map" preflightLimit="1001"'
    host policy 'mappingFile="conf/thousand.map" preflightLimit="0"'
}

# found PATTERN: the last finding that matches; mending PATTERN: the command that it ends with.
found() {
    grep 'preflight of ' "$base/out" | grep -e "$1" | tail -n 1 || true
}
mending() {
    found "$1" | sed -n 's/.*Mend it with: //p'
}

# served HOST: asks until it is served, its application having been touched.
served() {
    local i status=
    touch "$base/conf/Catalina/$1.example/ROOT.xml"
    for ((i = 0; i < 120; i++)); do
        status=$(ask "$1" /common.txt)
        [[ $status != 200 ]] || break
        sleep 0.5
    done
    echo "$status"
}

# retried HOST PATTERN: what is found of a host whose application is tried again.
retried() {
    local i before
    before=$(grep -c "preflight of .*$2" "$base/out" || true)
    touch "$base/conf/Catalina/$1.example/ROOT.xml"
    for ((i = 0; i < 120; i++)); do
        (($(grep -c "preflight of .*$2" "$base/out" || true) == before)) || break
        sleep 0.5
    done
    found "$2"
}

check_preflight() {
    local command
    check_like "a domain that the launcher may not enter is named with both contexts" \
        "*conf/closed.map:4*system_u:system_r:tomcat_launcher_t:s0*system_u:system_r:closed_webapp_t:s0*tomcat_launcher_t closed_webapp_t:process dyntransition*(typeattributeset tomcat_webapp_domain (closed_webapp_t))*" \
        "$(found 'closed.map')"
    check_like "a permissive domain is named" "*conf/lax.map:4*permissive*semanage permissive -d lax_webapp_t*" "$(found 'lax.map')"
    check_like "a way into a domain that is none of the webapps' is not advised" "*init_t:s0*must not be opened*" "$(found 'init_t:s0')"
    check_like "a domain that the policy does not have is named" "*defaultContext*no domain nosuch_webapp_t*tomcat_webapp_template*semodule -i nosuch.pp" \
        "$(found nosuch)"
    check_like "a launcher's label is named" "*/usr/local/bin/mislabelled-launcher*bin_t*chcon -t tomcat_launcher_exec_t*" \
        "$(found mislabelled-launcher)"

    command=$(mending '/srv/tomcat/wrong')
    check "a folder's label is named" 'restorecon -R -F /srv/tomcat/wrong' "$command"
    check "nothing of it is served" 404 "$(ask wrong /common.txt)"
    eval "$command"
    check "the command mends it" 200 "$(served wrong)"

    command=$(mending 'base.map')
    check "a boolean that is off is named" 'setsebool -P tomcat_confine_threads on' "$command"
    # To make it last takes a minute.
    eval "${command/ -P/}"
    check "the command mends it, too" 200 "$(served threads)"

    check_like "a permission that threads lack is named, with line, context and command" \
        "*system_u:system_r:nosched_webapp_t:s0*conf/nosched.map:4*system_u:system_r:nosched_webapp_thread_t:s0*nosched_webapp_thread_t self:process*getsched*semodule -i local_nosched_webapp_thread_t.cil" \
        "$(retried nosched 'nosched.map')"
    check_like "bounds that are not there are named" \
        "*conf/loose.map:4*system_u:system_r:loose_webapp_thread_t:s0*bounded by tomcat_t*(typebounds tomcat_t loose_webapp_thread_t)*" \
        "$(retried loose 'loose.map')"
}

# mend_policy: the commands that change the policy, each of which takes a minute: where there is time.
mend_policy() {
    local name
    for name in nosched loose closed; do
        (cd /root && eval "$(mending "$name.map")") || true
        check "the command mends $name" 200 "$(served "$name")"
    done
    check "a thousand contexts are tried by helpers and threads" 200 "$(served both)"
    check "or all asked of the policy" 200 "$(served policy)"
    grep -o '100[01] contexts were tried.*ms' "$base/out"
    grep -o 'asked about 1001 contexts.*ms' "$base/out"
}
