# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# How a test asks the kernel what a domain may do.

# The probe in the place of the launcher and of Tomcat.
as_launcher=/usr/libexec/tomcat-selinux/probe-as-launcher
as_tomcat=/usr/libexec/tomcat-selinux/probe-as-tomcat
install -m 0755 "$here/probe" "$as_launcher"
install -m 0755 "$here/probe" "$as_tomcat"
chcon -t tomcat_launcher_exec_t "$as_launcher"
chcon -t tomcat_exec_t "$as_tomcat"

# try WHO ACTION...: WHO is tomcat, launcher or a helper's type:range.
try() {
    local who=$1
    shift
    case $who in
        tomcat) as-service "$as_tomcat" "$@" ;;
        launcher) as-service "$as_launcher" "$@" ;;
        *)
            as-service "$as_launcher" "become=system_u:system_r:$who" "$@" \
                | sed "1s/^become=system_u:system_r:$who: ok\$/&/; t drop; b; : drop; d"
            ;;
    esac 2>&1
}

# may SENTENCE WHO ACTION... and may_not: every action is allowed, every one is denied.
may() {
    check "$1" "$(printf '%s: ok\n' "${@:3}")" "$(try "${@:2}")"
}
may_not() {
    check "$1" "$(printf '%s: denied\n' "${@:3}")" "$(try "${@:2}" | sed -E 's/: (EACCES|EPERM)$/: denied/')"
}

# listens: the probe listens on $socket/launcher, as the launcher. hear: sets $heard to what it says of its one connection.
listens() {
    rm -f "$socket/launcher"
    timeout 120 as-service "$as_launcher" "listen=$socket/launcher" >/root/listener 2>&1 &
    listener=$!
    for ((i = 0; i < 200; i++)); do
        [[ -S $socket/launcher ]] && break
        sleep 0.1
    done
}
hear() {
    wait "$listener"
    heard=$(</root/listener)
}
