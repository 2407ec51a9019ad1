# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Starts the servers that benchmarks/files/run compares. Expects: checkout, work, documents, and a port by name in ports.

started=()

# instance NAME: a Tomcat of its own around the engine on standard input; the same JVM options for all.
instance() {
    local base=$work/$1
    mkdir -p "$base"/{conf,lib,logs,temp,work}
    cp "$checkout/target/tomcat/conf/web.xml" "$base/conf"
    cat >"$base/conf/server.xml"
    CATALINA_HOME=$checkout/target/tomcat CATALINA_BASE=$base CATALINA_PID=$base/pid \
        JAVA_OPTS="-Xms512m -Xmx512m ${JVM_OPTIONS:-}" "$checkout/target/tomcat/bin/catalina.sh" run >"$base/log" 2>&1 &
    started+=($!)
}

# connector PORT [ATTRIBUTES]
connector() {
    echo "<Connector port='$1' address='127.0.0.1' maxKeepAliveRequests='-1' $2/>"
}

plain_tomcat() {
    instance plain <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[plain]}" '')
$(connector "${ports[copying]}" "useSendfile='false'")
<Engine name='Catalina' defaultHost='localhost'>
  <Host name='localhost' appBase='none' autoDeploy='false'>
    <Context path='/cached' docBase='$documents'/>
    <Context path='/uncached' docBase='$documents'><Resources cachingAllowed='false'/></Context>
  </Host>
</Engine></Service></Server>
EOF
}

# confined_host NAME ATTRIBUTES
confined_host() {
    cat <<EOF
  <Host name='$1' appBase='none' autoDeploy='false'>
    <Valve className='io.github.tomcatselinux.SelinuxValve' defaultContext='*:s0' onNotEnforcing='ignore'
      launcher='$checkout/launcher/target/tomcat-selinux-launcher' $2/>
    <Context path='' docBase='$documents'/>
  </Host>
EOF
}

confined_tomcat() {
    mkdir -p "$work/confined/lib"
    cp "$checkout/valve/target/tomcat-selinux-valve.jar" "$work/confined/lib"
    instance confined <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[confined]}" '')
<Engine name='Catalina' defaultHost='close'>
$(confined_host close '')
$(confined_host each "allowKeepAlive='true' keepHelpers='false'")
$(confined_host keep "allowKeepAlive='true'")
</Engine></Service></Server>
EOF
}

# What Debian's package apache2 enables.
modules=(mpm_prefork authz_core authz_host authn_core auth_basic access_compat authn_file authz_user alias dir autoindex
    env mime negotiation setenvif filter deflate status reqtimeout)

# A process per connection, which takes the user of the virtual host.
apache() {
    mkdir "$work/apache"
    cat >"$work/apache/conf" <<EOF
$(for module in "${modules[@]}"; do echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"; done)
LoadModule mpm_itk_module /usr/lib/apache2/modules/mpm_itk.so
TypesConfig /dev/null
ServerRoot $work/apache
ServerName localhost
PidFile $work/apache/pid
Mutex posixsem
ErrorLog $work/apache/log
Listen 127.0.0.1:${ports[apache]}
KeepAlive On
MaxKeepAliveRequests 0
StartServers 5
MinSpareServers 5
MaxSpareServers 10
MaxRequestWorkers 150
User www-data
Group www-data
<VirtualHost 127.0.0.1:${ports[apache]}>
    DocumentRoot $documents
    AssignUserID www-data www-data
</VirtualHost>
<Directory $documents>
    Require all granted
</Directory>
EOF
    # As it ends, it ends its process group.
    setsid /usr/sbin/apache2 -f "$work/apache/conf" -D FOREGROUND 2>>"$work/apache/log" &
    started+=($!)
}

stop_servers() {
    ((${#started[@]})) || return 0
    { kill "${started[@]}" && wait "${started[@]}"; } 2>/dev/null || true
}
