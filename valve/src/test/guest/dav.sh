# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Two users upload by WebDAV into one folder, and what each wrote is theirs.

dav=/srv/tomcat/dav

# dav_application FOLDER: one that may be changed by WebDAV, and knows two users.
dav_application() {
    mkdir -p "$1/WEB-INF"
    cat >"$1/WEB-INF/web.xml" <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>dav</servlet-name>
    <servlet-class>org.apache.catalina.servlets.WebdavServlet</servlet-class>
    <init-param><param-name>readonly</param-name><param-value>false</param-value></init-param>
    <init-param><param-name>listings</param-name><param-value>true</param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>dav</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
    mkdir -p "$1/files"
}

make_dav() {
    dav_application "$dav"
    restorecon -R "$dav"
    chcon -R -t base_webapp_rw_t -l s0 "$dav/files"
    chown tomcat:tomcat "$dav/files"
    printf 'alice *:s0:c1\nbob *:s0:c2\n' >"$base/conf/dav.map"
    cat >"$base/conf/users.xml" <<'XML'
<tomcat-users><user username="alice" password="alice"/><user username="bob" password="bob"/></tomcat-users>
XML
    chown -R tomcat:tomcat "$base"
}

# dav_host NAME FOLDER VALVE
dav_host() {
    mkdir -p "$base/conf/Catalina/$1.example" "$base/apps-$1"
    echo "<Context docBase=\"$2\" preemptiveAuthentication=\"true\"/>" >"$base/conf/Catalina/$1.example/ROOT.xml"
    hosts+="<Host name=\"$1.example\" appBase=\"apps-$1\" createDirs=\"false\">"
    hosts+='<Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/users.xml"/>'
    hosts+="$3</Host>"
}

# as USER METHOD PATH [CURL-ARG...]: the status.
as() {
    local user=$1 method=$2 path=$3
    shift 3
    curl -s -o /tmp/body -w '%{http_code}' -u "$user:$user" -X "$method" -H 'Host: dav.example' --max-time 60 "$@" \
        "http://127.0.0.1:8080$path"
}

label() {
    stat -c %C "$dav/files/$1"
}

test_dav() {
    echo 'of alice' >/tmp/alice.txt
    echo 'of bob' >/tmp/bob.txt
    check "alice uploads a file" 201 "$(as alice PUT /files/alice.txt -T /tmp/alice.txt)"
    check "bob uploads a file" 201 "$(as bob PUT /files/bob.txt -T /tmp/bob.txt)"
    check "alice makes a folder" 201 "$(as alice MKCOL /files/folder)"
    check "alice's file has her label" system_u:object_r:base_webapp_rw_t:s0:c1 "$(label alice.txt)"
    check "bob's file has his label" system_u:object_r:base_webapp_rw_t:s0:c2 "$(label bob.txt)"
    check "alice's folder has her label" system_u:object_r:base_webapp_rw_t:s0:c1 "$(label folder)"
    check "alice reads hers" 200 "$(as alice GET /files/alice.txt)"
    check "as she wrote it" "of alice" "$(cat /tmp/body)"
    check "bob does not" 403 "$(as bob GET /files/alice.txt)"
    check "nor does alice read bob's" 403 "$(as alice GET /files/bob.txt)"
    check "bob is told nothing of hers" 207 "$(as bob PROPFIND /files/ -H 'Depth: 1')"
    check "though of his own" "1 0" "$(grep -c bob.txt /tmp/body) $(grep -c alice.txt /tmp/body || true)"
    check "bob may not ask for it by name" 403 "$(as bob PROPFIND /files/alice.txt)"
    check "nor replace it" 403 "$(as bob PUT /files/alice.txt -T /tmp/bob.txt)"
    check "nor delete it" 403 "$(as bob DELETE /files/alice.txt)"
    check "nor lock it" 403 "$(as bob LOCK /files/alice.txt -d '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>')"
    check "nor copy it" 403 "$(as bob COPY /files/alice.txt -H 'Destination: http://dav.example/files/copied')"
    check "it is as it was" "of alice" "$(cat "$dav/files/alice.txt")"
    check "bob writes nothing into her folder" 403 "$(as bob PUT /files/folder/x -T /tmp/bob.txt)"
}
