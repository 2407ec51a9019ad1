#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests programs under a kernel that enforces SELinux: guest/run --share launcher/target --share launcher/tests -- /share/tests/guest_programs.sh
# shellcheck disable=SC2016  # conditions and programs are quoted here and evaluated later
# shellcheck source=launcher/tests/guest_common.sh
source "$(dirname -- "$0")/guest_common.sh"

socket=/run/tomcat-selinux/test-programs.socket
root=/srv/tomcat/program-test
cgi=$root/WEB-INF/cgi
log=/tmp/program-test.log

# says NAME STATUS WORDS CONTEXT PATH [COMMAND]
says() {
    local answer status
    answer=$(as-service "$client" "$socket" "$user:$4" "$root" "${6-run}" "$5" </dev/null 2>&1)
    status=$?
    [[ $status == "$2" && $answer == *"$3"* ]]
    verdict $? "$1" "exit $status, expected $2 with \"$3\": $answer; the launcher says: $(tail -n 2 "$log")"
}

script() { # script NAME LABEL LINE...
    local name=$1 label=$2
    shift 2
    printf '%s\n' '#!/bin/sh' "$@" >"$cgi/$name"
    chmod 755 "$cgi/$name"
    chcon "system_u:object_r:$label" "$cgi/$name"
}

mkdir -p "$cgi"
restorecon -R "$root"
chcon -t unpriv_webapp_exec_t "$cgi"
echo 'content of c0' >"$root/c0" && chcon system_u:object_r:unpriv_webapp_content_t:s0:c0 "$root/c0"
echo 'content of c1' >"$root/c1" && chcon system_u:object_r:unpriv_webapp_content_t:s0:c1 "$root/c1"
# Read by the shell itself: to ask about another process is not allowed, of the same domain or not.
script whoami unpriv_webapp_exec_t:s0 'read -r context </proc/self/attr/current' 'echo "$context end"'
script reads unpriv_webapp_exec_t:s0 "cat $root/c0 $root/c1 2>&1"
script plain tomcat_content_t:s0 'echo ran'
script other unpriv_webapp_exec_t:s0:c5 'echo ran'
script kills unpriv_webapp_exec_t:s0 'read -r _ _ _ relay _ </proc/$PPID/stat; kill -9 "$relay" 2>&1; echo "still here"'
script elsewhere unpriv_webapp_program_exec_t:s0 'read -r context </proc/self/attr/current' 'echo "$context end"'
script silently tomcat_guest_program_exec_t:s0 'read -r context </proc/self/attr/current' 'echo "$context end"'
script reads-elsewhere unpriv_webapp_program_exec_t:s0 "cat $root/c0 $root/c1 2>&1"
script daemon-elsewhere unpriv_webapp_program_exec_t:s0 'trap "" TERM HUP' 'setsid sleep 4321 &' 'echo started' 'sleep 4321'
script daemon unpriv_webapp_exec_t:s0 'trap "" TERM HUP' 'setsid sleep 4321 &' 'echo started' 'sleep 4321'

as-service "$launcher" --child --way programs --socket "$socket" <&"$open" >"$log" 2>&1 &
disown
eventually test -S "$socket" || { cat "$log" && exit 1; }

setsebool unpriv_webapp_run_programs off
says 'runs no program unless the boolean is on' 1 'errno 13' unpriv_webapp_t:s0:c0 WEB-INF/cgi/whoami
setsebool unpriv_webapp_run_programs on
says 'a program runs in the context of its helper' 0 "$user:unpriv_webapp_t:s0:c0 end" unpriv_webapp_t:s0:c0 WEB-INF/cgi/whoami
says 'and with another category in another' 0 "$user:unpriv_webapp_t:s0:c7 end" unpriv_webapp_t:s0:c7 WEB-INF/cgi/whoami
says 'it reads what its category may' 1 'content of c0' unpriv_webapp_t:s0:c0 WEB-INF/cgi/reads
says 'and is denied the rest' 1 'c1: Permission denied' unpriv_webapp_t:s0:c0 WEB-INF/cgi/reads
says 'content is no program' 1 'errno 13' unpriv_webapp_t:s0:c0 WEB-INF/cgi/plain
says 'a program of another category is not run' 1 'errno 13' unpriv_webapp_t:s0:c0 WEB-INF/cgi/other
says 'nor a program of another tenant' 1 'errno 13' staff_webapp_t:s0 WEB-INF/cgi/whoami
says 'a program cannot kill its supervisor' 0 'still here' unpriv_webapp_t:s0:c0 WEB-INF/cgi/kills
says 'nobody enters a domain of the server' 2 'reason 2' tomcat_t:s0 WEB-INF/cgi/whoami

own=$user:unpriv_webapp_program_t:s0:c0
says 'a program of another type enters its own domain' 0 "$own end" unpriv_webapp_t:s0:c0 WEB-INF/cgi/elsewhere
says 'so it does where that is demanded' 0 "$own end" unpriv_webapp_t:s0:c0 WEB-INF/cgi/elsewhere run-elsewhere
says 'and reads there what its category may' 1 'content of c0' unpriv_webapp_t:s0:c0 WEB-INF/cgi/reads-elsewhere run-elsewhere
says 'and is denied the rest there' 1 'c1: Permission denied' unpriv_webapp_t:s0:c0 WEB-INF/cgi/reads-elsewhere run-elsewhere
says 'where that is demanded, a program that would stay is not run' 1 'no type_transition' unpriv_webapp_t:s0:c0 WEB-INF/cgi/whoami run-elsewhere
says 'a transition that no-new-privileges forbids does not take place' 0 "$user:unpriv_webapp_t:s0:c0 end" unpriv_webapp_t:s0:c0 WEB-INF/cgi/silently
says 'and where one is demanded, nothing is run then' 1 'no nnp_transition' unpriv_webapp_t:s0:c0 WEB-INF/cgi/silently run-elsewhere
mkdir "$cgi/nosuid" && mount --bind "$cgi" "$cgi/nosuid" && mount -o remount,bind,nosuid "$cgi/nosuid"
says 'nor from a file system without set-user-id' 1 'no nosuid_transition' unpriv_webapp_t:s0:c0 WEB-INF/cgi/nosuid/elsewhere run-elsewhere
umount "$cgi/nosuid"
says 'nor by another tenant' 1 'errno' staff_webapp_t:s0 WEB-INF/cgi/elsewhere run-elsewhere

# shellcheck disable=SC2317  # eventually calls these
both_run() { grep -q started /tmp/program-test.held && [[ $(pgrep -cf '^sleep 4321') == 2 ]]; }
# shellcheck disable=SC2317
neither_runs() { ! pgrep -f '^sleep 4321' >/dev/null; }
for daemon in daemon daemon-elsewhere; do
    : >/tmp/program-test.held
    as-service "$client" "$socket" "$user:unpriv_webapp_t:s0:c0" "$root" run "WEB-INF/cgi/$daemon" </dev/null >/tmp/program-test.held 2>&1 &
    holder=$!
    eventually both_run
    verdict $? "a program starts a daemon: $daemon" "$(</tmp/program-test.held)"
    pkill -KILL -f "$client $socket"
    wait "$holder" 2>/dev/null
    eventually neither_runs
    verdict $? "both are dead when the client is gone: $daemon" "$(pgrep -af sleep)"
done

tally enforcing
