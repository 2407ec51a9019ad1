# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Starts the servers that benchmarks/files/run compares. Expects: checkout, documents, and a port by name in ports.

plain_tomcat() {
    instance plain <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[plain]}" '')
$(connector "${ports[copying]}" "useSendfile='false'")
<Engine name='Catalina' defaultHost='localhost'>
  <Host name='localhost' appBase='none' autoDeploy='false'>
    <Context path='/cached' docBase='$documents'><Resources cacheMaxSize='65536' cacheObjectMaxSize='2048'/></Context>
    <Context path='/uncached' docBase='$documents'><Resources cachingAllowed='false'/></Context>
  </Host>
</Engine></Service></Server>
EOF
}

# confined_host NAME ATTRIBUTES [RULES]
confined_host() {
    cat <<EOF
  <Host name='$1' appBase='none' autoDeploy='false'>
    <Valve className='io.github.tomcatselinux.SelinuxValve' ${3:-defaultContext='*:s0'} onNotEnforcing='ignore'
      launcher='$checkout/launcher/target/tomcat-selinux-launcher' $2/>
    <Context path='' docBase='$documents'/>
  </Host>
EOF
}

# Hosts refusing and denying never turn away who is refused again and again.
confined_tomcat() {
    mkdir -p "$work/confined/conf"
    echo '* @deny' >"$work/confined/conf/deny.map"
    confined_instance confined <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[confined]}" '')
<Engine name='Catalina' defaultHost='close'>
$(confined_host close '')
$(confined_host each "allowKeepAlive='true' keepHelpers='false'")
$(confined_host keep "allowKeepAlive='true'")
$(confined_host refusing "maxRefusals='0'")
$(confined_host denying "maxRefusals='0'" "mappingFile='conf/deny.map'")
</Engine></Service></Server>
EOF
}

# Threads: Debian's default. Any process of it must be able to take all connections that the client keeps, or Apache closes some of them.
event_apache() {
    apache event mpm_event <<EOF
ThreadsPerChild 64
MaxRequestWorkers 256
DocumentRoot $documents
<Directory $documents>
    Require all granted
</Directory>
EOF
}

nginx_server() {
    mkdir "$work/nginx"
    cat >"$work/nginx/conf" <<EOF
daemon off;
user www-data;
pid $work/nginx/pid;
error_log $work/nginx/log;
worker_processes auto;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    sendfile on;
    tcp_nopush on;
    server {
        listen 127.0.0.1:${ports[nginx]};
        root $documents;
    }
}
EOF
    /usr/sbin/nginx -c "$work/nginx/conf" >>"$work/nginx/log" 2>&1 &
    started+=($!)
}

# A process per connection, which takes the user of the virtual host.
itk_apache() {
    apache apache 'mpm_prefork mpm_itk' <<EOF
StartServers 5
MinSpareServers 5
MaxSpareServers 10
MaxRequestWorkers 150
<VirtualHost 127.0.0.1:${ports[apache]}>
    DocumentRoot $documents
    AssignUserID www-data www-data
</VirtualHost>
<Directory $documents>
    Require all granted
</Directory>
EOF
}
