# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Servlets on confined threads: who gets what, and that under load nobody ever gets another's.

data=/srv/tomcat/data
app=/srv/tomcat/app
thread=system_u:system_r:unpriv_webapp_thread_t

# shellcheck source=valve/src/test/guest/behind.sh
source "$here/behind.sh"

# The application, and what its visitors may and may not read.
make_base
make_behind
mkdir -p $data/{alice,bob,staff} $app/WEB-INF/classes/io/github/tomcatselinux/guest
for whose in alice bob staff; do
    echo "${whose^^}" >$data/$whose/file
done
cp /share/test-classes/io/github/tomcatselinux/guest/{{File,Later}Servlet,StartListener}.class $app/WEB-INF/classes/io/github/tomcatselinux/guest/
cat >$app/WEB-INF/web.xml <<XML
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <context-param><param-name>read</param-name><param-value>/hers.txt /part.jspf</param-value></context-param>
  <listener><listener-class>io.github.tomcatselinux.guest.StartListener</listener-class></listener>
  <servlet>
    <servlet-name>files</servlet-name>
    <servlet-class>io.github.tomcatselinux.guest.FileServlet</servlet-class>
    <multipart-config><location>$base/temp</location></multipart-config>
  </servlet>
  <servlet-mapping>
    <servlet-name>files</servlet-name>
    <url-pattern>/read</url-pattern>
    <url-pattern>/open/read</url-pattern>
  </servlet-mapping>
  <servlet>
    <servlet-name>later</servlet-name>
    <servlet-class>io.github.tomcatselinux.guest.LaterServlet</servlet-class>
    <async-supported>true</async-supported>
  </servlet>
  <servlet-mapping>
    <servlet-name>later</servlet-name>
    <url-pattern>/later</url-pattern>
  </servlet-mapping>
  <error-page>
    <error-code>401</error-code>
    <location>/all.jsp</location>
  </error-page>
  <error-page>
    <error-code>404</error-code>
    <location>/all.jsp</location>
  </error-page>
  <security-constraint>
    <web-resource-collection>
      <web-resource-name>all</web-resource-name>
      <url-pattern>/later</url-pattern>
      <url-pattern>/read</url-pattern>
      <url-pattern>*.jsp</url-pattern>
    </web-resource-collection>
    <auth-constraint><role-name>**</role-name></auth-constraint>
  </security-constraint>
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
for page in all hers; do
    cat >$app/$page.jsp <<JSP
<%@ page trimDirectiveWhitespaces="true" import="java.nio.file.*" %>
<%@ taglib prefix="t" tagdir="/WEB-INF/tags" %>
<t:context/> <%= "$page".toUpperCase() %>,<%@ include file="part.jspf" %>
JSP
done
cat >$app/leave.jsp <<'JSP'
<% Thread left = new Thread(() -> {
    try {
        Thread.sleep(60_000);
    } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
    }
}, "left-by-a-page");
left.setDaemon(true);
left.start(); %>system_u <%= request.getAttribute("io.github.tomcatselinux.REQUEST_ID") %> PART
JSP
cat >$app/count.jsp <<'JSP'
<%@ page import="java.lang.management.ManagementFactory, javax.management.ObjectName" %>
system_u <%= ManagementFactory.getPlatformMBeanServer().getAttribute(
    new ObjectName("Catalina:type=Valve,host=servlets.example,name=SelinuxValve"), "inheritedContexts") %> PART
JSP
echo 'PART' >$app/part.jspf
echo 'HERS' >$app/hers.txt
mkdir -p $app/WEB-INF/tags
cat >$app/WEB-INF/tags/context.tag <<TAG
<%@ tag import="java.nio.file.*" %><%= Files.readString(Path.of("/proc/thread-self/attr/current")).replace("\0", "") %>
TAG
cat >$base/conf/servlets.map <<MAP
alice          unpriv_webapp_t:s0:c0
bob            unpriv_webapp_t:s0:c1
carol          staff_webapp_t:s0
__anonymous__  anon_webapp_t:s0
MAP
cat >$base/conf/tomcat-users.xml <<XML
<tomcat-users>
  <user username="alice" password="secret" roles="user"/>
  <user username="bob" password="secret" roles="user"/>
  <user username="carol" password="secret" roles="user"/>
</tomcat-users>
XML
chown -R tomcat:tomcat $base $data
restorecon -R $base $data $app
chcon -l s0:c0 $app/hers.jsp
chcon -t unpriv_webapp_content_t -l s0:c0 $app/hers.txt
chcon -R -t unpriv_webapp_data_t -l s0:c0 $data/alice
chcon -R -t unpriv_webapp_data_t -l s0:c1 $data/bob
chcon -R -t staff_webapp_data_t $data/staff

# servlet_host NAME THREADS [VALVE]: a virtual host with that application, which declares this valve, and the one with programs.
servlet_host() {
    mkdir -p "$base/conf/Catalina/$1.example" "$base/apps-$1"
    echo "<Context docBase=\"$app\">${3-}</Context>" >"$base/conf/Catalina/$1.example/app.xml"
    echo "<Context docBase=\"$behind\" privileged=\"true\"/>" >"$base/conf/Catalina/$1.example/behind.xml"
    hosts+="<Host name=\"$1.example\" appBase=\"apps-$1\" createDirs=\"false\">"
    hosts+="<Realm className=\"org.apache.catalina.realm.MemoryRealm\" pathname=\"conf/tomcat-users.xml\"/>"
    hosts+="<Valve className=\"io.github.tomcatselinux.SelinuxValve\" mappingFile=\"conf/servlets.map\" onNoMatch=\"deny\" $2/></Host>"
}

# get HOST USER FILE: status and answer of the servlet; "-" is nobody.
get() {
    local who=() path=/app/read
    if [[ $2 == - ]]; then
        path=/app/open/read
    else
        who=(-u "$2:secret")
    fi
    printf '%s %s\n' "$(curl -s -o /tmp/body -w '%{http_code}' "${who[@]}" -H "Host: $1.example" --max-time 120 \
        "http://127.0.0.1:8080$path?file=$3")" "$(</tmp/body)"
}

# page HOST USER PAGE: status and answer of a JSP.
page() {
    printf '%s %s\n' "$(curl -s -o /tmp/body -w '%{http_code}' -u "$2:secret" -H "Host: $1.example" --max-time 120 \
        "http://127.0.0.1:8080/app/$3.jsp")" "$(tr -s ' \n' ' ' </tmp/body | grep -o 'system_u.*PART' || echo -)"
}

# confined: how many threads of the server are in a context of a thread's.
confined() {
    cat "/proc/$server/task"/*/attr/current 2>/dev/null | tr '\0' '\n' | grep -c _webapp_thread_t || true
}

# What the server lacks, an application that needs it does not start without.
servlet_host servlets 'threads="per-context" threadIdleTime="14400" allowKeepAlive="true"'
servlet_host once 'threads="one-time" allowKeepAlive="true" allowAsync="true" deniedStatus="404"' \
    '<Valve className="org.apache.catalina.authenticator.BasicAuthenticator"/>'
start
server=$(pgrep -f org.apache.catalina.startup.Bootstrap | head -n 1)
check "without its boolean an application does not start" 404 "$(ask servlets /app/read)"
check "the log names rule, context and what is missing" 1 "$(($(grep -c \
    'conf/servlets.map:1.*missing: allow tomcat_t self:process setcurrent.*setsebool -P tomcat_confine_threads on' "$base/out") > 0))"
setsebool tomcat_confine_threads on
touch "$base"/conf/Catalina/{servlets,once}.example/{app,behind}.xml
for ((i = 0; i < 120; i++)); do
    [[ $(for host in servlets once; do ask $host /app/read; ask $host /behind/note.txt; done) == 401401401401 ]] && break
    sleep 1
done
check "an application that reads its own files as it starts gets what the server itself may read" \
"at start: /hers.txt: a name, no content
at start: /part.jspf: a name, PART" "$(grep -o 'at start: .*' "$base/out" | sort -u)"

# refused_pages NUMBER: how many the log has, when it has so many or a while has passed: it is written behind the answer.
refused_pages() {
    local i number=
    for ((i = 0; i < 120; i++)); do
        number=$(grep -c "/app/hers.jsp.*$thread:s0:c1.*the kernel refused to open .*/hers.jsp" "$base/out" || true)
        ((number < $1)) || break
        sleep 0.5
    done
    echo "$number"
}

# What somebody else's page is answered with on each.
declare -A foreign=([servlets]="403 -" [once]="404 $thread:s0:c1 ALL,PART")
declare -A refusal=([servlets]=403 [once]=404)
hosts_asked=0
for host in servlets once; do
    check_behind $host "${refusal[$host]}"
    check "$host: each user has what the kernel says" \
"200 $thread:s0:c0 ALICE
403 $thread:s0:c0 denied
403 $thread:s0:c1 denied
200 $thread:s0:c1 BOB
200 system_u:system_r:staff_webapp_thread_t:s0 STAFF
403 system_u:system_r:staff_webapp_thread_t:s0 denied
403 system_u:system_r:anon_webapp_thread_t:s0 denied
403 $thread:s0:c0 denied" \
"$(get $host alice $data/alice/file; get $host alice $data/bob/file; get $host bob $data/alice/file; get $host bob $data/bob/file
    get $host carol $data/staff/file; get $host carol $data/alice/file; get $host - $data/staff/file; get $host alice /etc/tomcat-selinux)"
    check "$host: a page runs in the context of whoever may read it, and for nobody else" \
"200 $thread:s0:c0 HERS,PART
${foreign[$host]}
200 $thread:s0:c0 ALL,PART
200 $thread:s0:c1 ALL,PART
404 $thread:s0:c1 ALL,PART" "$(page $host alice hers; page $host bob hers; page $host alice all; page $host bob all; page $host bob none)"
    check "$host: the log names the page and the context" "$((++hosts_asked))" "$(refused_pages $hosts_asked)"
    check "$host: an error page of the authenticator's runs as the rules say of an anonymous visitor" \
        "401 system_u:system_r:anon_webapp_thread_t:s0 ALL,PART" "$(ask $host /app/read) $(tr -s ' \n' ' ' </tmp/body | sed 's/ $//')"
    check "$host: pages are translated by the server" 0 "$(dmesg | grep -c 'avc:.*denied.*tomcat_cache_t' || true)"
    check "$host: and what they become is its own" "tomcat system_u:object_r:tomcat_cache_t:s0" \
        "$(find "$base/work" -path "*$host.example*_jsp*" -printf '%u %Z\n' | sort -u)"
    head -c 300000 /dev/zero >/tmp/upload
    check "$host: an upload is kept as the user's" "200 $thread:s0:c1 300000 system_u:object_r:unpriv_webapp_tmp_t:s0:c1" \
        "$(curl -s -o /tmp/body -w '%{http_code}' -u bob:secret -H "Host: $host.example" -F file=@/tmp/upload http://127.0.0.1:8080/app/read) $(</tmp/body)"
    for ((i = 0; i < 120; i++)); do
        [[ -z $(find "$base/temp" -name 'upload*') ]] && break
        sleep 1
    done
    check "$host: and gone afterwards" "" "$(find "$base/temp" -name 'upload*')"
    check "$host: of $requests requests of two users not one has a wrong answer" "$requests answers, 0 of them wrong" \
        "$(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /share/test-classes io.github.tomcatselinux.guest.Load $host.example "$requests" 4 2>/tmp/errors)"
    head -n 20 /tmp/errors
done
# later USER WHERE: status and answer of what goes on asynchronously with this.
later() {
    printf '%s %s\n' "$(curl -s -o /tmp/body -w '%{http_code}' -u "$1:secret" -H "Host: once.example" --max-time 120 \
        "http://127.0.0.1:8080/app/later?to=$2&file=$data/alice/file")" "$(tr -s ' \n' ' ' </tmp/body | sed 's/ $//')"
}
check "what goes on asynchronously does so in its context, be it a servlet, a file or a page" \
"200 $thread:s0:c0 ALICE
403 $thread:s0:c1 denied
200 HERS
404 $thread:s0:c1 ALL,PART
200 $thread:s0:c0 HERS,PART
404 $thread:s0:c1 ALL,PART" \
"$(for what in /read /hers.txt /hers.jsp; do later alice $what; later bob $what; done)"
echo "Threads of the virtual machine: $(cat "/proc/$server/task"/*/comm 2>/dev/null | sed -n 's/#.*//; /^\(C[12]\|G[1C]\|VM\) /p' | sort -u | paste -sd,)"
check "threads of one context wait for the next request" 1 "$(($(confined) > 0))"
check "the server is the one that was started, and has not crashed" "$server 0" \
    "$(pgrep -f org.apache.catalina.startup.Bootstrap | head -n 1) $(find / -xdev -name 'hs_err*' 2>/dev/null | wc -l)"
check "nothing has inherited a context" "200 system_u 0 PART 0" \
    "$(page servlets alice count) $(grep -c 'a request left it behind' "$base/out" || true)"
creator=$(page servlets alice leave)
for ((i = 0; i < 120; i++)); do
    [[ $(page servlets alice count) == *' 1 '* ]] && break
    sleep 1
done
check "what a request leaves behind is counted over JMX" "200 system_u 1 PART" "$(page servlets alice count)"
check "and logged, with the request and what it is doing" 1 "$(grep -A 5 'a request left it behind' "$base/out" | tr '\n' ' ' | grep -c \
    "has context \[$thread:s0:c0\].*one of \[[^]]*$(cut -d' ' -f3 <<<"$creator")[],].*left-by-a-page.*Thread.sleep" || true)"
rm "$base"/conf/Catalina/{servlets,once}.example/{app,behind}.xml
for ((i = 0; i < 120; i++)); do
    [[ $(confined) == 0 ]] && break
    sleep 1
done
check "no thread is left when the applications have stopped" 0 "$(confined)"
