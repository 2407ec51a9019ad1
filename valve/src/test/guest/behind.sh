# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What a confined thread asks others for: files and programs behind a filter or handed on by a servlet, and a database by way of a pool.

behind=/srv/tomcat/behind
demo=/usr/share/tomcat-selinux/demo/tomcat-selinux-demo.jar

make_behind() {
    local classes=WEB-INF/classes/io/github/tomcatselinux/guest
    mkdir -p $behind/WEB-INF/{cgi,lib} $behind/$classes
    cp "/share/test-classes/${classes#WEB-INF/classes/}"/{HandOnServlet,Pool{Listener,Servlet}}.class $behind/$classes/
    # The demo's jar has the database's driver in it.
    cp $demo /opt/tomcat/lib/tomcat-jdbc.jar $behind/WEB-INF/lib/
    cat >$behind/WEB-INF/web.xml <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <context-param>
    <param-name>database</param-name>
    <param-value>jdbc:h2:tcp://127.0.0.1:5432/mem:payroll</param-value>
  </context-param>
  <listener><listener-class>io.github.tomcatselinux.guest.PoolListener</listener-class></listener>
  <filter>
    <filter-name>passes</filter-name>
    <filter-class>org.apache.catalina.filters.AddDefaultCharsetFilter</filter-class>
  </filter>
  <filter-mapping><filter-name>passes</filter-name><url-pattern>/*</url-pattern></filter-mapping>
  <servlet>
    <servlet-name>cgi</servlet-name>
    <servlet-class>org.apache.catalina.servlets.CGIServlet</servlet-class>
    <init-param><param-name>cgiPathPrefix</param-name><param-value>WEB-INF/cgi</param-value></init-param>
    <init-param><param-name>executable</param-name><param-value></param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>cgi</servlet-name><url-pattern>/cgi/*</url-pattern></servlet-mapping>
  <servlet>
    <servlet-name>hands-on</servlet-name>
    <servlet-class>io.github.tomcatselinux.guest.HandOnServlet</servlet-class>
  </servlet>
  <servlet-mapping><servlet-name>hands-on</servlet-name><url-pattern>/on</url-pattern></servlet-mapping>
  <servlet>
    <servlet-name>pool</servlet-name>
    <servlet-class>io.github.tomcatselinux.guest.PoolServlet</servlet-class>
  </servlet>
  <servlet-mapping><servlet-name>pool</servlet-name><url-pattern>/pool</url-pattern></servlet-mapping>
  <security-constraint>
    <web-resource-collection><web-resource-name>all</web-resource-name><url-pattern>/*</url-pattern></web-resource-collection>
    <auth-constraint><role-name>**</role-name></auth-constraint>
  </security-constraint>
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
    cat >$behind/WEB-INF/cgi/counts <<'SCRIPT'
#!/bin/sh
read -r context </proc/self/attr/current
printf 'Content-Type: text/plain\n\n'
echo "$context $(wc -c)"
SCRIPT
    chmod 0755 $behind/WEB-INF/cgi/counts
    echo NOTE >$behind/note.txt
    restorecon -R $behind
    chcon -t unpriv_webapp_exec_t $behind/WEB-INF/cgi
    chcon -t unpriv_webapp_exec_t -l s0:c0 $behind/WEB-INF/cgi/counts
    chcon -t unpriv_webapp_content_t -l s0:c0 $behind/note.txt
    setsebool unpriv_webapp_run_programs=on unpriv_webapp_thread_connect_db=on
    echo ROW >/tmp/rows
    java -XX:+UseSerialGC -cp $demo io.github.tomcatselinux.demo.Payroll /tmp/rows >/dev/null &
    until (: </dev/tcp/127.0.0.1/5432) 2>/dev/null; do
        sleep 0.2
        kill -0 $! || exit 1
    done
}

# behind HOST USER PATH [CURL-ARG...]: status and answer, unless that is a page of Tomcat's.
behind() {
    local host=$1 user=$2 path=$3
    shift 3
    printf '%s %s\n' "$(curl -s -o /tmp/body -w '%{http_code}' -u "$user:secret" -H "Host: $host.example" --max-time 120 "$@" \
        "http://127.0.0.1:8080/behind/$path")" "$(grep -v '<' /tmp/body | tr '\n' ' ' | sed 's/ $//')"
}

# behind_all HOST USER
behind_all() {
    behind "$1" "$2" cgi/counts
    behind "$1" "$2" cgi/counts --data-binary @/tmp/long
    behind "$1" "$2" note.txt
    behind "$1" "$2" 'on?forward=/note.txt'
    behind "$1" "$2" 'on?include=/note.txt'
    behind "$1" "$2" 'on?forward=/cgi/counts'
}

# The last record of what was denied to alice, whoever did it for her.
denied_alice() {
    dmesg | grep 'avc:.*denied.*scontext=[^ ]*:unpriv_webapp[^ ]*:s0:c0 ' | tail -n 1 || true
}

# check_behind HOST REFUSED: with which status.
check_behind() {
    local last helper=system_u:system_r:unpriv_webapp_t:s0:c0
    head -c 300000 /dev/zero >/tmp/long
    last=$(denied_alice)
    check "$1: programs and files behind a filter, and those that a servlet hands on, are of whoever may have them" \
"200 $helper 0
200 $helper 300000
200 NOTE
200 NOTE
200 $thread:s0:c0 NOTE
200 $helper 0" "$(behind_all "$1" alice)"
    check "$1: and the kernel has refused nothing for that" "$last" "$(denied_alice)"
    check "$1: nobody else has them" \
"$2 
$2 
$2 
$2 
500 $thread:s0:c1
$2 " "$(behind_all "$1" bob)"
    check "$1: two users share the connections that the server opened as the application started" \
"200 $thread:s0:c0 ROW 2
200 $thread:s0:c1 ROW 2
200 $thread:s0:c0 ROW 2" "$(for user in alice bob alice; do behind "$1" $user pool; done)"
}
