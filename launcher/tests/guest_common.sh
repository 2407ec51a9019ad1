# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the launcher's tests in the guest begin and end with, and how they count. Sourced by guest.sh and guest_programs.sh.
# Sets: launcher, client (as Tomcat would ask), client_binary (as anybody would), user, open (a standard input that lasts as long as the test).
set -u

client_binary=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/../target/launcher-client
launcher=${LAUNCHER:-/usr/libexec/tomcat-selinux/launcher}
client=/usr/local/bin/launcher-test-client
# shellcheck disable=SC2034  # for those who source this
user=system_u:system_r
passed=0 failed=0

[[ -e /sys/fs/selinux/enforce ]] || { echo 'no SELinux here: run this by guest/run' >&2 && exit 1; }
[[ -x $launcher ]] || { echo "$launcher is missing: make -C launcher, then guest/run" >&2 && exit 1; }
install -m 0755 "$client_binary" "$client"
chcon -t tomcat_exec_t "$client"
mkdir -p /run/tomcat-selinux
restorecon -R /run/tomcat-selinux
# shellcheck disable=SC2034
exec {open}< <(exec sleep infinity)

verdict() { # verdict STATUS NAME [DETAIL]
    if (($1 == 0)); then
        passed=$((passed + 1))
        printf 'ok    %s\n' "$2"
    else
        failed=$((failed + 1))
        printf 'NOT OK %s\n%s\n' "$2" "${3-}"
    fi
}

eventually() { # eventually COMMAND...: within a minute; how soon is measured elsewhere, where nothing is emulated
    for ((i = 0; i < 1200; i++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

tally() { # tally MODE: ends the test
    printf '%d passed, %d failed (%s)\n' "$passed" "$failed" "$1"
    exit $((failed > 0))
}
