# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A refusal as an event, with what the kernel's own record says of it, and what selinux-mapping why makes of both.

# prepare_why: events in logs/selinux-events.DATE.json, as the page on logging says; uploads below /dav, programs below /cgi.
prepare_why() {
    sed -n '/^5selinux\|^io.github/p' /share/monitoring/logging.properties >>"$base/conf/logging.properties"
    sed -i 's/^handlers = .*/&, 5selinux.org.apache.juli.AsyncFileHandler/' "$base/conf/logging.properties"
    mkdir -p /srv/tomcat/test/{WEB-INF/cgi,box}
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nran\\n"\n' >/srv/tomcat/test/WEB-INF/cgi/hello
    chmod 0755 /srv/tomcat/test/WEB-INF/cgi/hello
    cat >/srv/tomcat/test/WEB-INF/web.xml <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>dav</servlet-name>
    <servlet-class>org.apache.catalina.servlets.WebdavServlet</servlet-class>
    <init-param><param-name>readonly</param-name><param-value>false</param-value></init-param>
  </servlet>
  <servlet>
    <servlet-name>cgi</servlet-name>
    <servlet-class>org.apache.catalina.servlets.CGIServlet</servlet-class>
    <init-param><param-name>cgiPathPrefix</param-name><param-value>WEB-INF/cgi</param-value></init-param>
    <init-param><param-name>executable</param-name><param-value></param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>dav</servlet-name><url-pattern>/dav/*</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>cgi</servlet-name><url-pattern>/cgi/*</url-pattern></servlet-mapping>
</web-app>
XML
    echo 'old' >/srv/tomcat/test/box/old.txt
    chmod 0777 /srv/tomcat/test/{box,mine}
    chmod 0666 /srv/tomcat/test/box/old.txt
    restorecon -R /srv/tomcat/test/{WEB-INF,box}
    chcon -t base_webapp_rw_t /srv/tomcat/test/box
    chcon -t base_webapp_content_t -l s0:c1 /srv/tomcat/test/box/old.txt
    chcon -t base_webapp_exec_t -l s0:c1 /srv/tomcat/test/WEB-INF/cgi /srv/tomcat/test/WEB-INF/cgi/hello
}

# may_run_programs: the application of host good, which its servlet for programs needs.
may_run_programs() {
    sed -i 's/<Context /&privileged="true" /' "$base/conf/Catalina/good.example/ROOT.xml"
}

# event PATH REFUSED-BY [OBJECT]: the last such event, as soon as there is one.
event() {
    local i
    for ((i = 0; i < 120; i++)); do
        grep -h "\"path\":\"$1\".*\"refusedBy\":\"$2\".*${3-}" "$base"/logs/selinux-events.*.json 2>/dev/null | tail -n 1 | grep . && return
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

# recorded EVENT: what the kernel's first record of that helper or program says was denied, on what.
recorded() {
    local process
    process="pid=$(field helper <<<"$1")"
    [[ $(field way <<<"$1") != program ]] || process=
    dmesg | sed -n "s/.*avc:  denied  { \([^ ]*\).* for  $process.*scontext=$(field context <<<"$1") tcontext=\(.*\) tclass=\([a-z_]*\) .*/\1 \2 \3/p" \
        | if [[ $process ]]; then head -n 1; else tail -n 1; fi
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

# change METHOD PATH: the status.
change() {
    local body=()
    [[ $1 != PUT ]] || body=(--data-binary x)
    curl -s -o /dev/null -w '%{http_code}' -X "$1" "${body[@]}" -H 'Host: good.example' --max-time 60 "http://127.0.0.1:8080/dav$2"
}

check_why() {
    local denied method place expected
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

    while read -r method place expected; do
        check "$method of what may only be read is refused" 403 "$(change "$method" "$place")"
        denied=$(event "/dav$place" selinux)
        check "its event names what it lacks first" "$expected" "$(named "$denied")"
        check "as the kernel's record does" "$(recorded "$denied")" "$(told "$denied")"
    done <<'CHANGES'
PUT /mine/new.txt /srv/tomcat/test/mine dir write add_name remove_name
MKCOL /mine/new /srv/tomcat/test/mine dir write add_name
PUT /box/old.txt /srv/tomcat/test/box/old.txt file write rename unlink
DELETE /mine/mine.txt /srv/tomcat/test/mine dir write remove_name
CHANGES
    check "what may be written is, with the label of who wrote it" "201 system_u:object_r:base_webapp_rw_t:s0:c1" \
        "$(change PUT /box/new.txt) $(stat -c %C /srv/tomcat/test/box/new.txt)"

    check "a program is refused where none may run" 403 "$(ask good /cgi/hello)"
    denied=$(event /cgi/hello unknown)
    check "its event names the folder" "/srv/tomcat/test/WEB-INF dir search" "$(named "$denied")"
    check "as the kernel's record does" "$(recorded "$denied")" "$(told "$denied")"
    setsebool base_webapp_run_programs on
    check "where they may, it runs" "200 ran" "$(ask good /cgi/hello) $(cat /tmp/body)"
    chcon -t base_webapp_content_t /srv/tomcat/test/WEB-INF/cgi/hello
    check "a document is no program" 403 "$(ask good /cgi/hello?document)"
    denied=$(event /cgi/hello unknown '/srv/tomcat/test/WEB-INF/cgi/hello')
    check "its event says so" "/srv/tomcat/test/WEB-INF/cgi/hello file execute" "$(named "$denied")"
    check "as the kernel's record does, which is of a process that was to become it" "$(recorded "$denied")" "$(told "$denied")"
    check "and the command finds it by the context" "ausearch -m avc -su system_u:system_r:base_webapp_t:s0:c1" "$(field ausearch <<<"$denied")"
    check_like "why finds it, too" "*by the kernel's record: execute of the file *hello*status 0" "$(why "$denied")"
    setsebool base_webapp_run_programs off

    check "asking leaves no record of the kernel's" "" "$(dmesg | grep 'avc:.*comm="tomcat-selinux-')"
}

# check_stopped: when somebody was refused while SELinux was permissive.
check_stopped() {
    local stopped
    stopped=$(event /mine/mine.txt not-enforcing)
    check "a request that was refused since SELinux does not enforce is an event" "SELinux is permissive" "$(field detail <<<"$stopped")"
    check_like "and why says how to end that" "*setenforce 1*status 0" "$(why "$stopped")"
}
