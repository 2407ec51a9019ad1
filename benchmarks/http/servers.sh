# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Starts servers for benchmarks that speak HTTP. Expects: checkout and work, a folder for what the servers keep.

started=() groups=() # of processes, and of leaders of process groups

# free_ports NAME...: fills the array `ports`.
# shellcheck disable=SC2034  # used by who sources this file
declare -A ports
free_ports() {
    local name port
    for name; do
        while port=$((20000 + RANDOM % 10000)); do
            [[ " ${ports[*]} " == *" $port "* ]] || (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
        done
        ports[$name]=$port
    done
}

# await PORT HOST PATH FILE: until the content of FILE is what is served.
await() {
    local i size
    size=$(stat -c %s "$4")
    for ((i = 0; i < 600; i++)); do
        { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || { sleep 0.1 && continue; }
        printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$2" >&3
        if cat <&3 | tail -c "$size" | cmp -s - "$4"; then
            exec 3>&-
            return 0
        fi
        exec 3>&-
        sleep 0.1
    done
    tail -n 20 "$work"/*/log >&2
    fail 1 "no server serves $3 at $1 within a minute"
}

# require_build: what every benchmark here starts, and the client.
require_build() {
    local part
    make -s -C "$checkout/benchmarks/http"
    for part in launcher/target/tomcat-selinux-launcher valve/target/tomcat-selinux-valve.jar target/tomcat/bin/catalina.sh; do
        [[ -e $checkout/$part ]] || fail "$exit_machine" "$part is not there: make build"
    done
}

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

# confined_instance NAME: the same with the valve in it.
confined_instance() {
    mkdir -p "$work/$1/lib"
    cp "$checkout/valve/target/tomcat-selinux-valve.jar" "$work/$1/lib"
    instance "$1"
}

# connector PORT [ATTRIBUTES]
connector() {
    echo "<Connector port='$1' address='127.0.0.1' maxKeepAliveRequests='-1' $2/>"
}

# declare_programs FOLDER: what is in WEB-INF/cgi of this application is programs, for Tomcat's CGIServlet.
declare_programs() {
    cat >"$1/WEB-INF/web.xml" <<'EOF'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>cgi</servlet-name>
    <servlet-class>org.apache.catalina.servlets.CGIServlet</servlet-class>
    <init-param><param-name>cgiPathPrefix</param-name><param-value>WEB-INF/cgi</param-value></init-param>
    <init-param><param-name>executable</param-name><param-value></param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>cgi</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
EOF
}

# apache NAME MODULES: an Apache of its own with these modules, those that Debian's package enables, and the rest of its
# configuration on standard input.
modules=(authz_core authz_host authn_core auth_basic access_compat authn_file authz_user alias dir autoindex
    env mime negotiation setenvif filter deflate status reqtimeout)
apache() {
    local base=$work/$1 module file
    mkdir "$base"
    for module in $2 "${modules[@]}"; do
        file=mod_$module
        [[ $module != mpm_itk ]] || file=$module
        echo "LoadModule ${module}_module /usr/lib/apache2/modules/$file.so"
    done >"$base/conf"
    cat >>"$base/conf" <<EOF
TypesConfig /dev/null
ServerRoot $base
ServerName localhost
PidFile $base/pid
Mutex posixsem
ErrorLog $base/log
Listen 127.0.0.1:${ports[$1]}
KeepAlive On
MaxKeepAliveRequests 0
User www-data
Group www-data
EOF
    cat >>"$base/conf"
    # As it ends, it ends its process group.
    setsid /usr/sbin/apache2 -f "$base/conf" -D FOREGROUND 2>>"$base/log" &
    started+=($!)
}

stop_servers() {
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in "${groups[@]}"; do
        kill -- "-$pid" 2>/dev/null || true
    done
    wait "${started[@]}" "${groups[@]}" 2>/dev/null || true
}
