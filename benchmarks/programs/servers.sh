# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Starts the servers that benchmarks/programs/run compares. Expects: checkout, site with the programs, and a port by name in ports.

# cgi_host ATTRIBUTES [VALVE]: a host whose application declares Tomcat's CGIServlet.
cgi_host() {
    cat <<EOF
  <Host name='localhost' appBase='none' autoDeploy='false'>
    $1
    <Context path='' docBase='$site' privileged='true'/>
  </Host>
EOF
}

confined_tomcat() {
    confined_instance confined <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[confined]}" '')
<Engine name='Catalina' defaultHost='localhost'>
$(cgi_host "<Valve className='io.github.tomcatselinux.SelinuxValve' defaultContext='*:s0' onNotEnforcing='ignore'
      launcher='$checkout/launcher/target/tomcat-selinux-launcher'/>")
</Engine></Service></Server>
EOF
}

plain_tomcat() {
    instance plain <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[plain]}" '')
<Engine name='Catalina' defaultHost='localhost'>
$(cgi_host '')
</Engine></Service></Server>
EOF
}

programs_of() { # programs_of FOLDER
    cat <<EOF
<Directory $1>
    Require all granted
    Options +ExecCGI
    SetHandler cgi-script
</Directory>
EOF
}

# Threads, and a daemon that forks: Debian's default.
cgid_apache() {
    apache cgid 'mpm_event cgid' <<EOF
ScriptSock $work/cgid/socket
DocumentRoot $site/WEB-INF/cgi
$(programs_of "$site/WEB-INF/cgi")
EOF
}

# A process per connection, which takes the user of the virtual host and forks.
itk_apache() {
    apache itk 'mpm_prefork mpm_itk cgi' <<EOF
<VirtualHost 127.0.0.1:${ports[itk]}>
    DocumentRoot $site/WEB-INF/cgi
    AssignUserID www-data www-data
</VirtualHost>
$(programs_of "$site/WEB-INF/cgi")
EOF
}

# Debian's suexec is compiled for folders below /var/www, and users from 100 on.
suexec_apache() {
    apache suexec 'mpm_event cgid suexec' <<EOF
ScriptSock $work/suexec/socket
<VirtualHost 127.0.0.1:${ports[suexec]}>
    DocumentRoot $copies
    SuexecUserGroup nobody nogroup
</VirtualHost>
$(programs_of "$copies")
EOF
}

# As many processes as there are requests at a time.
bare_floor() {
    "$here/target/floor" "${ports[floor]}" "$site/WEB-INF/cgi/hello" >"$work/floor" 2>&1 &
    started+=($!)
}

# As many processes of fcgiwrap as there are requests at a time.
nginx_fcgiwrap() {
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
    server {
        listen 127.0.0.1:${ports[nginx]};
        location / {
            root $site/WEB-INF/cgi;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
            fastcgi_pass unix:$work/nginx.d/socket;
        }
    }
}
EOF
    # It leaves its children behind when it ends.
    setsid setpriv --reuid www-data --regid www-data --clear-groups fcgiwrap -c 8 -s "unix:$work/nginx.d/socket" \
        >"$work/nginx/wrap" 2>&1 &
    groups+=($!)
    /usr/sbin/nginx -c "$work/nginx/conf" >>"$work/nginx/log" 2>&1 &
    started+=($!)
}
