# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Two users upload by WebDAV into one folder, and what each wrote is theirs; and other people's tests of WebDAV.

dav=/srv/tomcat/dav
plain=$base/work/plain # where Tomcat itself may write

# dav_application FOLDER: one that may be changed by WebDAV, by whoever logs in.
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
  <security-constraint>
    <web-resource-collection><web-resource-name>all</web-resource-name><url-pattern>/*</url-pattern></web-resource-collection>
    <auth-constraint><role-name>**</role-name></auth-constraint>
  </security-constraint>
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
    mkdir -p "$1/files" "$1/readonly"
    echo 'to be read' >"$1/readonly/file.txt"
    echo 'of all' | tee "$1/files/copied.txt" >"$1/files/moved.txt"
    chown -R tomcat:tomcat "$1/files" "$1/readonly"
}

make_dav() {
    dav_application "$dav"
    dav_application "$plain"
    restorecon -R "$dav"
    chcon -R -t base_webapp_rw_t -l s0 "$dav/files"
    printf 'alice *:s0:c1\nbob *:s0:c2\n' >"$base/conf/dav.map"
    cat >"$base/conf/users.xml" <<'XML'
<tomcat-users><user username="alice" password="alice"/><user username="bob" password="bob"/></tomcat-users>
XML
    chown -R tomcat:tomcat "$base"
}

# dav_host NAME FOLDER [VALVE]
dav_host() {
    mkdir -p "$base/conf/Catalina/$1.example" "$base/apps-$1"
    echo "<Context docBase=\"$2\"/>" >"$base/conf/Catalina/$1.example/ROOT.xml"
    hosts+="<Host name=\"$1.example\" appBase=\"apps-$1\" createDirs=\"false\">"
    hosts+='<Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/users.xml"/>'
    hosts+="${3-}</Host>"
}

dav_asked=dav

# as USER METHOD PATH [CURL-ARG...]: the status.
as() {
    local user=$1 method=$2 path=$3
    shift 3
    curl -s -D /tmp/headers -o /tmp/body -w '%{http_code}' -u "$user:$user" -X "$method" -H "Host: $dav_asked.example" --max-time 60 "$@" \
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
    check "alice replaces hers" 204 "$(as alice PUT /files/alice.txt -T /tmp/bob.txt)"
    check "by what she sent" "of bob" "$(cat "$dav/files/alice.txt")"
    check "and the label stays" system_u:object_r:base_webapp_rw_t:s0:c1 "$(label alice.txt)"
    check "alice deletes hers" 204 "$(as alice DELETE /files/alice.txt)"
    check "and it is gone" 1 "$(test -e "$dav/files/alice.txt"; echo $?)"
    check "what is everybody's bob may copy" 201 "$(as bob COPY /files/copied.txt -H 'Destination: http://dav.example/files/copy.txt')"
    check "and move" 201 "$(as bob MOVE /files/moved.txt -H 'Destination: http://dav.example/files/there.txt')"
    check "what comes of it has his label, and the other keeps its own" "system_u:object_r:base_webapp_rw_t:s0:c2
system_u:object_r:base_webapp_rw_t:s0:c2
s0" "$(label copy.txt; label there.txt; label copied.txt | cut -d: -f4-)"
    check "nothing is left where it was moved from" 1 "$(test -e "$dav/files/moved.txt"; echo $?)"
    check "nor is it alice's any more" "403 403" "$(as alice GET /files/copy.txt) $(as alice GET /files/there.txt)"
    check "what is labelled as read-only is served" 200 "$(as alice GET /readonly/file.txt)"
    check "and not replaced" 403 "$(as alice PUT /readonly/file.txt -T /tmp/alice.txt)"
    check "nor deleted" 403 "$(as alice DELETE /readonly/file.txt)"
    check "nor is anything put beside it" 403 "$(as alice PUT /readonly/alice.txt -T /tmp/alice.txt)"
    check "it is as it was" "file.txt to be read" "$(ls "$dav/readonly") $(cat "$dav/readonly/file.txt")"
}

# whole USER METHOD PATH [CURL-ARG...]: status, headers and body, without the name and what is the moment's.
whole() {
    as "$@" >/dev/null
    tr -d '\r' </tmp/headers | grep -vi '^date:'
    sed -e 's|&#47;|/|g' -e "s|$3|NAME|g" /tmp/body
}

# looks_absent SENTENCE USER PATH ABSENT METHOD [CURL-ARG...]: ABSENT is as long as PATH.
looks_absent() {
    local sentence=$1 user=$2 path=$3 absent=$4 method=$5
    shift 5
    local expected
    expected=$(whole "$user" "$method" "$absent" "$@")
    check_like "$sentence: what is absent is not found" 'HTTP/1.1 404*' "$expected"
    check "$sentence: so is what is somebody else's, in the same words" "$expected" "$(whole "$user" "$method" "$path" "$@")"
}

# Behind a valve with deniedStatus="404".
test_hidden() {
    local later='If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT' bobs=/files/bob.txt none=/files/not.txt
    dav_asked=hidden
    check "bob reads his file where others' are hidden" 200 "$(as bob GET $bobs)"
    looks_absent GET alice $bobs $none GET
    looks_absent HEAD alice $bobs $none HEAD --head
    looks_absent "with If-Modified-Since" alice $bobs $none GET -H "$later"
    looks_absent "with If-None-Match" alice $bobs $none GET -H 'If-None-Match: *'
    looks_absent "with Range" alice $bobs $none GET -H 'Range: bytes=0-0'
    looks_absent PROPFIND alice $bobs $none PROPFIND -H 'Depth: 0'
    looks_absent "a folder" bob /files/folder/ /files/absent/ GET
    looks_absent "a folder without its slash" bob /files/folder /files/absent GET
    looks_absent "PROPFIND of a folder" bob /files/folder/ /files/absent/ PROPFIND -H 'Depth: 1'
    looks_absent "what is in a folder" bob /files/folder/x /files/absent/x GET
    check "a listing names what is one's own and not what is somebody else's" "200 1 0" \
        "$(as bob GET /files/) $(grep -c 'bob.txt' /tmp/body) $(grep -c folder /tmp/body || true)"
    dav_asked=dav
}

# litmus_passes HOST: each test of litmus that is passed, with its suite.
litmus_passes() {
    # It ends with an error as soon as one test failed.
    (cd /tmp && LD_LIBRARY_PATH=/share/litmus/lib TESTROOT=/share/litmus/tests HTDOCS=/share/litmus/htdocs \
        /share/litmus/litmus --keep-going "http://$1.example:8080/files/" alice alice >"/tmp/litmus.$1" 2>&1) || true
    # A test has its result on its own line, or after its warnings; each line is first written without it.
    tr '\r' '\n' <"/tmp/litmus.$1" | awk '
        /^-> running/ { suite = $3; gsub(/[^a-z]/, "", suite) }
        /^ *[0-9]+\. / { test = $1 " " $2; sub(/\.\.+.*/, "", test) }
        /\.\. pass/ { print suite, test }' | sort
}

test_litmus() {
    local lost
    echo '127.0.0.1 dav.example plain.example' >>/etc/hosts
    litmus_passes plain >/tmp/passed.plain
    litmus_passes dav >/tmp/passed.dav
    echo "litmus: $(wc -l </tmp/passed.plain) tests passed by plain Tomcat, $(wc -l </tmp/passed.dav) here"
    check "plain Tomcat passes most of litmus" 1 "$(($(wc -l </tmp/passed.plain) > 50))"
    lost=$(comm -23 /tmp/passed.plain /tmp/passed.dav)
    check "no test of litmus is lost that plain Tomcat passes" "" "$lost"
    [[ -z $lost ]] || sed 's/^/    /' /tmp/litmus.dav
}
