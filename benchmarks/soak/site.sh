# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What is served under lasting load, and by whom. Expects: base, of valve/src/test/guest/server.sh.

site=/srv/tomcat/soak
data=/srv/tomcat/data
uploads=/srv/uploads/soak
run=/run/tomcat-selinux

# lines OWNER NUMBER: a document in which each line says whose it is.
lines() {
    awk -v whose="$1" -v number="$2" 'BEGIN { for (i = 1; i <= number; i++) printf "secret-of-%s line %06d\n", whose, i }'
}

# belongs OWNER RANGE KIND: gives what bears his name that range, and his types.
belongs() {
    local whose=$1 range=$2 kind=$3
    lines "$whose" 150 >"$site/$whose.txt"
    lines "$whose" 10000 >"$site/$whose-large.txt"
    mkdir -p "$data/$whose"
    lines "$whose" 1 >"$data/$whose/file"
    restorecon -R "$data/$whose"
    chown -R tomcat:tomcat "$data/$whose"
    chcon -t "${kind}_webapp_content_t" -l "$range" "$site/$whose.txt" "$site/$whose-large.txt"
    chcon -R -t "${kind}_webapp_data_t" -l "$range" "$data/$whose"
}

# web_xml WAYS...: of one application, of which all but /common.txt is for whoever logs in.
web_xml() {
    cat <<XML
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  $*
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
}

# servlet NAME CLASS PATTERN [PARAMETER VALUE]
servlet() {
    echo "<servlet><servlet-name>$1</servlet-name><servlet-class>$2</servlet-class>"
    while (($# > 3)); do
        echo "<init-param><param-name>$4</param-name><param-value>$5</param-value></init-param>"
        set -- "$1" "$2" "$3" "${@:6}"
    done
    echo "</servlet><servlet-mapping><servlet-name>$1</servlet-name><url-pattern>$3</url-pattern></servlet-mapping>"
}

make_programs() {
    mkdir -p "$site/WEB-INF/cgi"
    cat >"$site/WEB-INF/cgi/show" <<CGI
#!/bin/sh
read -r context </proc/self/attr/current
if read -r line 2>/dev/null <"$site/\$QUERY_STRING.txt"; then
    printf 'Content-Type: text/plain\n\n%s %s\n' "\$context" "\$line"
else
    printf 'Status: 403\nContent-Type: text/plain\n\n%s denied\n' "\$context"
fi
CGI
    cat >"$site/WEB-INF/cgi/endless" <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\n\n'
while echo 'and so on'; do :; done
CGI
    chmod 0755 "$site"/WEB-INF/cgi/*
}

make_site() {
    local classes=io/github/tomcatselinux/guest user
    mkdir -p "$site/WEB-INF/classes/$classes" "$uploads" "$base/work/admin/WEB-INF"
    cp "/share/test-classes/$classes/FileServlet.class" "$site/WEB-INF/classes/$classes/"
    make_programs
    web_xml "$(servlet files io.github.tomcatselinux.guest.FileServlet /read)" \
        "$(servlet cgi org.apache.catalina.servlets.CGIServlet '/cgi/*' cgiPathPrefix WEB-INF/cgi executable '')" >"$site/WEB-INF/web.xml"
    web_xml "$(servlet jmx org.apache.catalina.manager.JMXProxyServlet /)" >"$base/work/admin/WEB-INF/web.xml"
    lines all 150 >"$site/common.txt"
    restorecon -R "$site"
    chcon -R -t unpriv_webapp_exec_t "$site/WEB-INF/cgi"
    belongs alice s0:c0 unpriv
    belongs bob s0:c1 unpriv
    belongs carol s0 staff
    belongs dave0 s0:c2 unpriv
    belongs dave1 s0:c3 unpriv

    mount -t tmpfs -o size=4m,mode=0775,rootcontext=system_u:object_r:unpriv_webapp_rw_t:s0 tmpfs "$uploads"
    mkdir "$uploads/WEB-INF"
    web_xml "$(servlet dav org.apache.catalina.servlets.WebdavServlet '/*' readonly false)" >"$uploads/WEB-INF/web.xml"
    chcon -R -t tomcat_webapp_code_t "$uploads/WEB-INF"
    for user in alice bob; do
        lines "$user" 10 >"$uploads/$user.txt"
    done
    chcon system_u:object_r:unpriv_webapp_rw_t:s0:c0 "$uploads/alice.txt"
    chcon system_u:object_r:unpriv_webapp_rw_t:s0:c1 "$uploads/bob.txt"
    chown -R tomcat:tomcat "$uploads"
    chown tomcat-selinux "$uploads/bob.txt"
    chmod 0640 "$uploads"/*.txt

    for user in alice bob carol dave; do
        echo "<user username=\"$user\" password=\"$user\" roles=\"user\"/>"
    done | sed '1i <tomcat-users>
$a </tomcat-users>' >"$base/conf/tomcat-users.xml"
    printf '%s\n' 'alice unpriv_webapp_t:s0:c0' 'bob unpriv_webapp_t:s0:c1' 'carol staff_webapp_t:s0' 'dave unpriv_webapp_t:s0:c2' \
        '__anonymous__ anon_webapp_t:s0' >"$base/conf/soak.map"
    server_xml >"$base/conf/server.xml"
    chown -R tomcat:tomcat "$base"
    restorecon -R "$base"
}

# confined_host NAME ATTRIBUTES: nobody is turned away there, although everybody asks all the time for what is others'.
confined_host() {
    cat <<XML
<Host name="$1.example" appBase="none" autoDeploy="false" createDirs="false">
  <Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/tomcat-users.xml"/>
  <Valve className="io.github.tomcatselinux.SelinuxValve" mappingFile="conf/soak.map" onNoMatch="deny" maxRefusals="0" $2/>
  <Context path="" docBase="$site" privileged="true" preemptiveAuthentication="true"/>
  <Context path="/dav" docBase="$uploads" preemptiveAuthentication="true"/>
</Host>
XML
}

# Who has no valve is asked for the server's own figures.
server_xml() {
    cat <<XML
<Server port="-1"><Service name="Catalina">
<Connector port="8080" address="127.0.0.1" maxKeepAliveRequests="-1"/>
<Engine name="Catalina" defaultHost="admin">
  <Host name="admin" appBase="none" autoDeploy="false" createDirs="false">
    <Context path="" docBase="$base/work/admin" privileged="true"/>
  </Host>
  $(confined_host child 'allowKeepAlive="true" threadIdleTime="2" launcher="/usr/libexec/tomcat-selinux/launcher"')
  $(confined_host service "threads=\"one-time\" deniedStatus=\"404\" launcher=\"unix:$run/launcher.sock\" programLauncher=\"unix:$run/programs.sock\"")
</Engine></Service></Server>
XML
}

# serve_launchers: the launchers as services, by the units that are shipped.
serve_launchers() {
    local way unit
    {
        echo "client $(id -u tomcat) tomcat_t"
        echo "allow unpriv_webapp_t s0-s0:c0.c9 /srv/tomcat"
        echo "allow unpriv_webapp_t s0-s0:c0.c9 $uploads write"
        for way in staff anon; do
            echo "allow ${way}_webapp_t s0 /srv/tomcat"
            echo "allow ${way}_webapp_t s0 $uploads write"
        done
    } >/etc/tomcat-selinux/launcher.conf
    restorecon -R /etc/tomcat-selinux
    for unit in tomcat-selinux-launcher tomcat-selinux-programs; do
        mkdir -p "/etc/systemd/system/$unit.service.d"
        printf '[Service]\nReadWritePaths=%s\n' "$uploads" >"/etc/systemd/system/$unit.service.d/uploads.conf"
    done
    systemctl daemon-reload
    systemctl start tomcat-selinux-launcher.socket tomcat-selinux-programs.socket
}
