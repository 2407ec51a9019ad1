# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A refusal as an event, with what the kernel's own record says of it, and what selinux-mapping why makes of both.

# prepare_why: events in logs/selinux-events.DATE.json, as the page on logging says.
prepare_why() {
    sed -n '/^5selinux\|^io.github/p' /share/monitoring/logging.properties >>"$base/conf/logging.properties"
    sed -i 's/^handlers = .*/&, 5selinux.org.apache.juli.AsyncFileHandler/' "$base/conf/logging.properties"
}

# event PATH REFUSED-BY: the last such event, as soon as there is one.
event() {
    local i
    for ((i = 0; i < 120; i++)); do
        grep -h "\"path\":\"$1\".*\"refusedBy\":\"$2\"" "$base"/logs/selinux-events.*.json 2>/dev/null | tail -n 1 | grep . && return
        sleep 0.5
    done
}

# field NAME: of an event on standard input.
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# named EVENT: object, class and permissions of the event.
named() {
    local name
    for name in object class permissions; do
        field "$name" <<<"$1"
    done | paste -sd' '
}

# recorded EVENT: what the kernel's first record of that helper says was denied, on what.
recorded() {
    dmesg | sed -n "s/.*avc:  denied  { \([^ ]*\).* for  pid=$(field helper <<<"$1") .*scontext=$(field context <<<"$1") tcontext=\(.*\) tclass=\([a-z_]*\) .*/\1 \2 \3/p" | head -n 1
}

# told EVENT: the same, as the event has it.
told() {
    local permissions
    permissions=$(field permissions <<<"$1")
    echo "${permissions%% *} $(field label <<<"$1") $(field class <<<"$1")"
}

# why EVENT: what the command makes of it and of the kernel's records.
why() {
    local status=0
    dmesg | java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar /usr/share/tomcat-selinux/selinux-mapping.jar \
        why "$(field request <<<"$1")" --events "$base/logs" --audit - 2>&1 || status=$?
    echo "status $status"
}

check_why() {
    local denied
    denied=$(event /theirs/theirs.txt selinux)
    check "an event names the folder at which the kernel has stopped" "/srv/tomcat/test/theirs dir search" "$(named "$denied")"
    check "with the label and permission of the kernel's own record" "$(recorded "$denied")" "$(told "$denied")"
    check "and the command that finds that" \
        "ausearch -m avc -p $(field helper <<<"$denied") -su system_u:system_r:base_webapp_t:s0:c1" "$(field ausearch <<<"$denied")"
    check "the log's line has all that, too" 1 "$(grep -c -m 1 \
        "GET \[/theirs/theirs.txt\].*$(field ausearch <<<"$denied")).*does not give it \[search\] on the dir \[/srv/tomcat/test/theirs\], labelled \[$(field label <<<"$denied")\]" "$base/out")"
    check_like "why says that it is the categories" "*by the kernel's record: search of the dir /srv/tomcat/test/theirs*category*s0:c2*s0:c1*status 0" "$(why "$denied")"
    denied=$(event /theirs/ selinux)
    check "so does that of a listing" "$(recorded "$denied")" "$(told "$denied")"

    echo 'nobody labelled this' >/srv/tomcat/test/stray.txt
    chcon -t var_t /srv/tomcat/test/stray.txt
    check "a file that nobody has labelled is refused" 403 "$(ask good /stray.txt)"
    denied=$(event /stray.txt selinux)
    check "what the server may not see either, the event does not name" "" "$(named "$denied" | tr -d ' ')"
    check_like "why does, by the kernel's record, and says which label it would need" \
        "*getattr of the file /srv/tomcat/test/stray.txt, labelled *var_t*semanage fcontext*_webapp_content_t*status 0" "$(why "$denied")"
    rm /srv/tomcat/test/stray.txt

    check "what the server looks at for that leaves no record" "" "$(dmesg | grep 'denied  { \(getattr\|search\).*comm="tomcat-selinux-')"
}

# check_stopped: when somebody was refused while SELinux was permissive.
check_stopped() {
    local stopped
    stopped=$(event /mine/mine.txt not-enforcing)
    check "a request that was refused since SELinux does not enforce is an event" "SELinux is permissive" "$(field detail <<<"$stopped")"
    check_like "and why says how to end that" "*setenforce 1*status 0" "$(why "$stopped")"
}
