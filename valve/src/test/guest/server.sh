# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A Tomcat of the tests: how it is set up, started and asked.

base=/var/lib/tomcat-selinux/test
hosts=
default_host=good
export CATALINA_HOME=/opt/tomcat CATALINA_BASE=$base
# Compiler and collector are those of a small machine, unless JVM names others.
export JAVA_OPTS="${JVM--XX:+UseSerialGC -XX:TieredStopAtLevel=1} -XX:-UsePerfData -Djava.net.preferIPv4Stack=true"

make_base() {
    mkdir -p "$base"/{conf,lib,logs,work,temp} /srv/tomcat/test/{mine,theirs,WEB-INF}
    cp /usr/share/tomcat-selinux/tomcat-selinux-valve.jar "$base/lib/"
    cp "$CATALINA_HOME"/conf/{catalina.properties,logging.properties,web.xml} "$base/conf/"
    echo 'common' >/srv/tomcat/test/common.txt
    echo 'MINE' >/srv/tomcat/test/mine/mine.txt
    echo 'THEIRS' >/srv/tomcat/test/theirs/theirs.txt
    echo 'jsp' >/srv/tomcat/test/page.jsp
    restorecon -R /srv/tomcat
    chcon -R -t base_webapp_content_t -l s0:c1 /srv/tomcat/test/mine
    chcon -R -t base_webapp_content_t -l s0:c2 /srv/tomcat/test/theirs
    echo '* *:s0:c1' >"$base/conf/good.map"
    echo '* *:s0' >"$base/conf/unreadable.map"
    chown -R tomcat:tomcat "$base"
    restorecon -R "$base"
}

# host NAME ATTRIBUTES: a virtual host with one application and a valve with these attributes.
host() {
    mkdir -p "$base/conf/Catalina/$1.example" "$base/apps-$1"
    echo '<Context docBase="/srv/tomcat/test"/>' >"$base/conf/Catalina/$1.example/ROOT.xml"
    hosts+="<Host name=\"$1.example\" appBase=\"apps-$1\" createDirs=\"false\">"
    hosts+="<Valve className=\"io.github.tomcatselinux.SelinuxValve\" $2/></Host>"
}

start() {
    cat >"$base/conf/server.xml" <<XML
<Server port="-1">
  <Service name="Catalina">
    <Connector port="8080" address="127.0.0.1" maxKeepAliveRequests="-1"/>
    <Engine name="Catalina" defaultHost="$default_host.example" backgroundProcessorDelay="2">
      <Valve className="org.apache.catalina.valves.AccessLogValve" directory="logs" prefix="requests" suffix=".log"
             rotatable="false" buffered="false" pattern="%{X-Request}i %s %{io.github.tomcatselinux.CONTEXT}r"/>
      $hosts
    </Engine>
  </Service>
</Server>
XML
    restorecon -R "$base"
    launch
}

# launch: Tomcat, by what is in $base.
launch() {
    as-service setpriv --reuid tomcat --regid tomcat --clear-groups /usr/libexec/tomcat-selinux/tomcat-start \
        >"$base/out" 2>&1 </dev/null &
    until grep -q 'Server startup in' "$base/out"; do
        sleep 0.5
        kill -0 $! || { cat "$base/out" && exit 1; }
    done
}

# ask HOST PATH: the status.
ask() {
    curl -s -o /tmp/body -w '%{http_code}' -H "Host: $1.example" -H "X-Request: $1$2" --max-time 60 "http://127.0.0.1:8080$2"
}

# context HOST PATH: that of the last request for it, as soon as the access log has it: that is written behind the answer.
context() {
    local i
    for ((i = 0; i < 120; i++)); do
        grep -F "$1$2 " "$base/logs/requests.log" | tail -n 1 | cut -d' ' -f3 | grep . && return
        sleep 0.5
    done
}

# logged HOST PATTERN: whether the reason why a host's application did not start matches.
logged() {
    awk -v host="[$1.example]" '
        / (INFO|WARNING|SEVERE) / { mine = index($0, "/" substr(host, 2, length(host) - 2) "/ROOT.xml") > 0 }
        mine { print }' "$base/out" | grep -c -- "$2" || true
}
