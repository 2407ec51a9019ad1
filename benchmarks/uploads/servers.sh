# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Starts the servers that benchmarks/uploads/run compares. Expects: checkout, work, the folders
# memory and disk, and a port by name in ports.

files=8 # that are there to be written over, one for each connection at a time

# make_folder NAME FOLDER: $FOLDER/NAME, to which uploads go; Apache is www-data, what else is here is root, whose files helpers replace.
make_folder() {
    local folder=$2/$1 i
    mkdir -p "$folder/WEB-INF"
    for ((i = 0; i < files; i++)); do
        echo "$1 $i" >"$folder/$i.bin"
    done
    cat >"$folder/WEB-INF/web.xml" <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet>
    <servlet-name>dav</servlet-name>
    <servlet-class>org.apache.catalina.servlets.WebdavServlet</servlet-class>
    <init-param><param-name>readonly</param-name><param-value>false</param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>dav</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
XML
    case $1 in
        event | itk)
            mkdir -p "$work/locks-$1"
            chown -R www-data "$folder" "$work/locks-$1"
            ;;
    esac
}

plain_tomcat() {
    instance plain <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[plain]}" '')
<Engine name='Catalina' defaultHost='localhost'>
  <Host name='localhost' appBase='none' autoDeploy='false'>
    <Context path='/memory' docBase='$memory/plain'><Resources cachingAllowed='false'/></Context>
    <Context path='/disk' docBase='$disk/plain'><Resources cachingAllowed='false'/></Context>
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
    <Context path='/memory' docBase='$memory/$1'/>
    <Context path='/disk' docBase='$disk/$1'/>
  </Host>
EOF
}

confined_tomcat() {
    confined_instance confined <<EOF
<Server port='-1'><Service name='Catalina'>
$(connector "${ports[confined]}" '')
<Engine name='Catalina' defaultHost='close'>
$(confined_host close '')
$(confined_host each "allowKeepAlive='true' keepHelpers='false'")
$(confined_host keep "allowKeepAlive='true'")
</Engine></Service></Server>
EOF
}

# dav NAME: where uploads go, and who may: everybody.
dav() {
    cat <<EOF
DavLockDB $work/locks-$1/all
Alias /memory $memory/$1
Alias /disk $disk/$1
<DirectoryMatch "^($memory|$disk)/$1">
    Require all granted
    Dav On
</DirectoryMatch>
EOF
}

# Threads: Debian's default.
event_apache() {
    apache event 'mpm_event dav dav_fs' <<EOF
$(dav event)
EOF
}

# A process per connection, which takes the user of the virtual host.
itk_apache() {
    apache itk 'mpm_prefork mpm_itk dav dav_fs' <<EOF
$(dav itk)
<VirtualHost 127.0.0.1:${ports[itk]}>
    AssignUserID www-data www-data
</VirtualHost>
EOF
}
