# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A dry run over what the demo's visitors may read, on a site that nobody has labelled; what it suggests is applied, and then
# they get that and nothing else.

report_site=/srv/site
report_base=/var/lib/tomcat-selinux/report
report_demo=/usr/share/tomcat-selinux/demo

# HOST USER ADDRESS PATH: who may read what; - for nobody.
report_visits() {
    cat <<'VISITS'
docs kaigai  192.168.2.7 / /unpriv/notes.txt
docs himainu 192.168.2.7 / /himainu/diary.txt
docs alice   192.168.1.9 / /unpriv/notes.txt /staff/plan.txt
docs guest   192.168.1.9 / /branch/prices.txt
docs -       192.168.1.9 / /branch/prices.txt
docs -       10.0.3.4    / /elsewhere/offer.txt
docs -       192.168.2.7 / /anon/greeting.txt
docs guest   192.168.2.7 /
VISITS
}

report_paths=(/ /unpriv/notes.txt /staff/plan.txt /himainu/diary.txt /branch/prices.txt /elsewhere/offer.txt /anon/greeting.txt)

# report_serve ENFORCEMENT MAPPING START...: Tomcat on port 8080.
report_serve() {
    cat >"$report_base/conf/server.xml" <<XML
<Server port="-1">
  <Service name="Catalina">
    <Connector port="8080" address="0.0.0.0"/>
    <Engine name="Catalina" defaultHost="docs.example">
      <Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/tomcat-users.xml"/>
      <Host name="docs.example" appBase="apps" autoDeploy="false" deployOnStartup="false" createDirs="false">
        <Valve className="io.github.tomcatselinux.SelinuxValve" enforcement="$1" mappingFile="conf/$2" onNoMatch="deny" servlets="deny"/>
        <Context path="" docBase="$report_site/docs" preemptiveAuthentication="true"/>
      </Host>
      ${report_host-}
    </Engine>
  </Service>
</Server>
XML
    chown -R tomcat:tomcat "$report_base"
    restorecon -R "$report_base"
    shift 2
    CATALINA_BASE=$report_base "$@" >"$report_base/out" 2>&1 </dev/null &
    until grep -q 'Server startup in' "$report_base/out"; do
        sleep 0.5
        kill -0 $! || { cat "$report_base/out" && exit 1; }
    done
}

report_stop() {
    kill "$(pgrep -o -u tomcat -x java)"
    wait
}

# report_ask USER ADDRESS PATH: the status.
report_ask() {
    local login=()
    [[ $1 == - ]] || login=(--user "$1:$1")
    curl -s -o /dev/null -w '%{http_code}' --interface "$2" "${login[@]}" -H 'Host: docs.example' --max-time 60 "http://192.168.2.7:8080$3"
}

# report_matrix all|legitimate: a line for each request that is not answered as it should be.
report_matrix() {
    local user address path paths reads
    while read -r _ user address paths; do
        for path in "${report_paths[@]}"; do
            reads=403
            [[ " $paths " == *" $path "* ]] && reads=200
            [[ $1 == legitimate && $reads == 403 ]] && continue
            printf '%s %s %s: %s instead of %s\n' "$user" "$address" "$path" "$(report_ask "$user" "$address" "$path")" "$reads"
        done
    done < <(report_visits) | awk '$4 != $NF'
}

# report_test METHOD PATH [CURL-OPTION...]: of the application that the tests before have asked with enforcement="on".
report_test() {
    curl -s -o /dev/null -X "$1" -H 'Host: good.example' --max-time 60 "${@:3}" "http://192.168.2.7:8080$2"
}

# report_same METHOD PATH [OBJECT]: the event of the refusal then, and the first of the dry run's now.
report_same() {
    local which="\"method\":\"$1\",\"path\":\"$2\".*${3-}" refused told
    refused=$(cat "$base"/logs/selinux-events.*.json | grep "$which" | tail -n 1)
    told=$(grep -m 1 "$which" "$report_base/good.json" || true)
    check "a dry run says of $1 $2 what the kernel said" "$(named "$refused") $(field label <<<"$refused")" "$(named "$told") $(field label <<<"$told")"
}

report_suggest() {
    java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar /usr/share/tomcat-selinux/selinux-mapping.jar suggest --events "$report_base/logs/events.json" "$@"
}

# What semanage(8) does for one fcontext line; the guest has no Python, which semanage is written in.
report_semanage() {
    mkdir -p "$report_base/bin"
    cat >"$report_base/bin/semanage" <<'SEMANAGE'
#!/bin/bash
[[ $# == 7 && "$1 $2 $3 $5" == "fcontext -a -t -r" ]] || exit 2
contexts=/etc/selinux/$(sed -n 's/^SELINUXTYPE=//p' /etc/selinux/config)/contexts/files/file_contexts.local
printf '%s    system_u:object_r:%s:%s\n' "$7" "$4" "$6" >>"$contexts"
SEMANAGE
    chmod 0755 "$report_base/bin/semanage"
}

check_report() {
    local address started report_host
    for address in 192.168.1.9 192.168.2.7 10.0.3.4; do
        ip address add "$address/32" dev lo 2>/dev/null || true
    done
    mkdir -p "$report_site" "$report_base"/{conf,lib,logs,work,temp,apps}
    cp -r "$report_demo/content/docs" "$report_site/"
    restorecon -RF "$report_site"
    cp "$report_demo"/base/conf/{selinux.map,tomcat-users.xml,web.xml} "$CATALINA_HOME/conf/catalina.properties" "$report_base/conf/"
    cp /usr/share/tomcat-selinux/tomcat-selinux-valve.jar "$report_base/lib/"
    cat "$CATALINA_HOME/conf/logging.properties" - >"$report_base/conf/logging.properties" <<'LOGGING'
handlers = java.util.logging.ConsoleHandler,5selinux.org.apache.juli.AsyncFileHandler
5selinux.org.apache.juli.AsyncFileHandler.level = FINE
5selinux.org.apache.juli.AsyncFileHandler.directory = ${catalina.base}/logs
5selinux.org.apache.juli.AsyncFileHandler.prefix = events
5selinux.org.apache.juli.AsyncFileHandler.suffix = .json
5selinux.org.apache.juli.AsyncFileHandler.rotatable = false
5selinux.org.apache.juli.AsyncFileHandler.formatter = org.apache.juli.VerbatimFormatter
io.github.tomcatselinux.events.level = FINE
io.github.tomcatselinux.events.handlers = 5selinux.org.apache.juli.AsyncFileHandler
LOGGING

    echo '* *:s0:c1' >"$report_base/conf/good.map"
    report_host='<Host name="good.example" appBase="apps" autoDeploy="false" deployOnStartup="false" createDirs="false">
        <Valve className="io.github.tomcatselinux.SelinuxValve" enforcement="report" mappingFile="conf/good.map" onNoMatch="deny"/>
        <Context path="" docBase="/srv/tomcat/test" privileged="true"/>
      </Host>'
    report_serve report selinux.map setpriv --reuid tomcat --regid tomcat --clear-groups "$CATALINA_HOME/bin/catalina.sh" run
    check "a dry run says that nothing is confined" 1 "$(($(grep -c 'NOTHING IS CONFINED' "$report_base/out") > 0))"
    check "a dry run starts where no helper takes a context, and says so" 1 \
        "$(($(grep -c 'dry run: with enforcement="on" no application would start' "$report_base/out") > 0))"
    check "in a dry run everybody is served" "" "$(report_matrix legitimate)"
    rm /srv/tomcat/test/box/new.txt
    report_test PUT /dav/mine/new.txt --data-binary x
    report_test MKCOL /dav/mine/new
    report_test PUT /dav/box/old.txt --data-binary x
    report_test PUT /dav/box/new.txt --data-binary x
    report_test DELETE /dav/mine/mine.txt
    setsebool base_webapp_run_programs on
    report_test GET /cgi/hello
    # Whoever stops it has all events written.
    report_stop
    setsebool base_webapp_run_programs off
    report_host=
    grep '"host":"good.example"' "$report_base/logs/events.json" >"$report_base/good.json"
    sed -i '/"host":"good.example"/d' "$report_base/logs/events.json"
    report_same PUT /dav/mine/new.txt
    report_same MKCOL /dav/mine/new
    report_same PUT /dav/box/old.txt
    report_same DELETE /dav/mine/mine.txt
    report_same GET /cgi/hello /WEB-INF/cgi/hello
    check "and of what was allowed then nothing" "" "$(grep '/dav/box/new.txt' "$report_base/good.json" || true)"
    check "no request was left unjudged" 0 "$(grep -c 'cannot be found out' "$report_base/out")"
    check_like "what the kernel would say is told" \
        '*user \[himainu\]*would be refused: rule \[conf/selinux.map:3\]*base_webapp_t:s0:c0\], by \[selinux\]: it may not *\[file /srv/site/docs/himainu/diary.txt\]*' \
        "$(grep 'himainu/diary' "$report_base/out" | head -n 1)"

    started=0
    report_suggest >"$report_base/conf/draft.json" || started=$?
    report_suggest --labels --live >"$report_base/labels.sh" || started=$?
    check "suggest has an answer to everything" 0 "$started"
    java -jar /usr/share/tomcat-selinux/selinux-mapping.jar check "$report_base/conf/draft.json" >/dev/null || started=$?
    check "its draft is a mapping file without a doubt" 0 "$started"
    report_semanage
    PATH=$report_base/bin:$PATH sh "$report_base/labels.sh" || started=$?
    check "its labels can be applied" 0 "$started"

    report_serve on draft.json as-service setpriv --reuid tomcat --regid tomcat --clear-groups /usr/libexec/tomcat-selinux/tomcat-start
    check "with what it suggested, all get what they had and nobody else does" "" "$(report_matrix all)"
    report_stop
    ((failures == 0)) || sed 's/^/    /' "$report_base/out" "$report_base/labels.sh" "$report_base/conf/draft.json"
}
