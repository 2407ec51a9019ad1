# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What benchmarks/growth/run asks for, and of whom. Expects: checkout, work, documents, a port by name in ports, and the points of each curve.

# No JSP is there, so nothing is looked for in the server's jars for each of many applications.
unscanned="<JarScanner scanClassPath='false'/>"

most() {
    printf '%s\n' "$@" | sort -n | tail -n 1
}

# Files of each size, and folders of each length; listings are on, and who sends credentials is somebody.
make_documents() {
    local n
    mkdir -p "$documents/WEB-INF"
    head -c 4096 /dev/urandom >"$documents/4k.bin"
    for n in "${sizes[@]}"; do
        head -c "$n" /dev/zero >"$documents/$n.bin"
    done
    for n in "${files[@]}"; do
        mkdir "$documents/folder$n"
        (cd "$documents/folder$n" && seq 0 $((n - 1)) | sed 's/$/.txt/' | xargs sh -c 'for each; do printf x >"$each"; done' -)
    done
    cat >"$documents/WEB-INF/web.xml" <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet>
    <servlet-name>files</servlet-name>
    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class>
    <init-param><param-name>listings</param-name><param-value>true</param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>files</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
  <login-config><auth-method>BASIC</auth-method></login-config>
</web-app>
XML
}

# make_rules NUMBER: so many rules of all kinds, of which the last is for everybody.
make_rules() {
    awk -v number="$1" 'BEGIN {
        for (i = 1; i < number; i++)
            print (i % 4 == 0 ? "user" i "@example.org" : i % 4 == 1 ? "@role" i % 20 : i % 4 == 2 \
                ? "10." int(i / 65536) "." int(i / 256) % 256 "." i % 256 "/32" : sprintf("2001:db8:%x::/48", i % 65536)) " *:s0"
        print "* *:s0"
    }'
}

# make_contexts NUMBER: so many users, each with a context of his own.
make_contexts() {
    awk -v number="$1" 'BEGIN {
        for (i = 0; i < number; i++)
            print "user" i " *:s0:c" i % 512 (i < 512 ? "" : ",c" 512 + int(i / 512))
    }'
}

# confined_host NAME ATTRIBUTES
confined_host() {
    cat <<EOF
  <Host name='$1' appBase='none' autoDeploy='false'>
    <Valve className='io.github.tomcatselinux.SelinuxValve' onNotEnforcing='ignore' allowKeepAlive='true' keepHelpers='false'
      programs='off' servlets='deny' launcher='$checkout/launcher/target/tomcat-selinux-launcher' $2/>
    <Context path='' docBase='$documents' preemptiveAuthentication='true'>$unscanned</Context>
  </Host>
EOF
}

plain_host() {
    cat <<EOF
  <Host name='plain' appBase='none' autoDeploy='false'>
    <Context path='' docBase='$documents' preemptiveAuthentication='true'><Resources cachingAllowed='false'/>$unscanned</Context>
  </Host>
EOF
}

main_tomcat() {
    local n
    mkdir -p "$work/main/conf"
    for n in "${rules[@]}"; do
        make_rules "$n" >"$work/main/conf/rules$n.map"
    done
    for n in "${contexts[@]}"; do
        make_contexts "$n" >"$work/main/conf/contexts$n.map"
    done
    {
        echo '<tomcat-users>'
        seq 0 $(($(most "${users[@]}" "${contexts[@]}") - 1)) | sed 's/.*/<user username="user&" password="secret" roles=""\/>/'
        echo '</tomcat-users>'
    } >"$work/main/conf/users.xml"
    confined_instance main <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[main]}" '')
$(connector "${ports[copying]}" "useSendfile='false'")
<Engine name='Catalina' defaultHost='plain'>
<Realm className='org.apache.catalina.realm.MemoryRealm' pathname='conf/users.xml'/>
$(plain_host)
$(confined_host valve "defaultContext='*:s0'")
$(confined_host users "defaultContext='*:s0'")
$(for n in "${rules[@]}"; do confined_host "rules$n" "mappingFile='conf/rules$n.map'"; done)
$(for n in "${contexts[@]}"; do confined_host "contexts$n" "mappingFile='conf/contexts$n.map'"; done)
</Engine></Service></Server>
EOF
}

# hosts_tomcat NUMBER: of so many virtual hosts, each with a valve and a launcher.
hosts_tomcat() {
    local i
    confined_instance "hosts$1" <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[hosts$1]}" '')
<Engine name='Catalina' defaultHost='host0'>
$(for ((i = 0; i < $1; i++)); do confined_host "host$i" "defaultContext='*:s0'"; done)
</Engine></Service></Server>
EOF
}

# heap_tomcat MIB: with so much heap, all of it touched.
heap_tomcat() {
    JVM_OPTIONS="-Xms$1m -Xmx$1m -XX:+AlwaysPreTouch" confined_instance "heap$1" <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[heap$1]}" '')
<Engine name='Catalina' defaultHost='plain'>
$(plain_host)
$(confined_host valve "defaultContext='*:s0'")
</Engine></Service></Server>
EOF
}
