#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lets each system call of launcher and helper fail, one occurrence at a time, and looks at what is left: faults.sh OUTPUT-FOLDER
# Needs strace, and root or the right to trace. The program under test has no system-call filter, which would kill a
# process whose call strace takes away.
# shellcheck disable=SC2016  # conditions are quoted here and evaluated later
set -u

out=$1
launcher=$out/faults/launcher client=$out/launcher-client
work=$(mktemp -d /tmp/launcher-faults.XXXXXX)
socket=$work/socket root=$work/root
mkdir "$root"
head -c 70000 /dev/urandom >"$root/file"
passed=0 failed=0 refused=0 pid='' tracer=''
trap 'kill -9 $pid $tracer 2>/dev/null; rm -rf "$work"' EXIT

wrong() {
    failed=$((failed + 1))
    printf 'NOT OK %s: %s\n' "$case" "$1"
    wrongs=1
}

children() { cat "/proc/$pid/task/$pid/children" 2>/dev/null; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l; }

# until_true COMMAND: within a second and a half
until_true() {
    for ((i = 0; i < 30; i++)); do
        eval "$1" && return
        sleep 0.05
    done
    return 1
}

start() { # start [PREFIX...]
    : >"$work/out"
    mkfifo "$work/stdin" 2>/dev/null
    "$@" "$launcher" --child --not-enforcing --idle 1 --socket "$socket" <"$work/stdin" >"$work/out" 2>"$work/err" &
    pid=$!
    exec {input}>"$work/stdin"
}

gone() { [[ ! -e /proc/$1/exe ]]; }

stop() {
    local helpers
    helpers=$(children)
    exec {input}>&-
    until_true "gone $pid" || wrong 'the launcher does not end'
    for helper in $helpers; do
        until_true "gone $helper" || wrong "helper $helper stays"
    done
    [[ ! -e $socket ]] || wrong 'the socket stays'
    wait "$pid" 2>/dev/null
    pid=''
}

# ask: sets $answer to right, refused or WRONG
ask() {
    timeout 3 "$client" "$socket" u:r:t:s0 "$root" cat file >"$work/got" 2>&1
    case $? in
        0) tail -n +2 "$work/got" | cmp -s - "$root/file" && answer=right || answer=WRONG ;;
        124) answer=HUNG ;;
        *) answer=refused ;;
    esac
}

# A helper's call, or one that the launcher makes while it supervises.
serving_case() { # serving_case CALL ERROR OCCURRENCE
    case="serving, $1 fails the ${3}. time ($2)" wrongs=0
    start
    until_true '[[ -s $work/out ]]' || { wrong 'does not start' && return; }
    local before
    before=$(descriptors)
    strace -qq -f -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" -p "$pid" 2>/dev/null &
    tracer=$!
    until_true "grep -qs '^TracerPid:.[1-9]' /proc/$pid/status"
    ask # takes the helper that was there before
    # Where every helper fails before it has a client, the client waits, and is served once they fail no more.
    { sleep 0.7 && kill "$tracer"; } 2>/dev/null &
    ask
    [[ $answer == right || $answer == refused ]] || wrong "the answer is $answer"
    [[ $answer == right ]] || refused=$((refused + 1))
    wait "$tracer" 2>/dev/null
    tracer=''
    if gone "$pid"; then
        # It may end, if it takes everything along.
        until_true '! pgrep -f -- "--socket $socket" >/dev/null' || wrong 'the launcher is gone, and helpers are left'
        exec {input}>&-
        rm -f "$socket"
        pid=''
    else
        until_true '[[ $(children | wc -w) == 1 ]]' || wrong "helpers are left: $(children)"
        [[ $(descriptors) == "$before" ]] || wrong "descriptors: $before before, $(descriptors) now"
        ask
        [[ $answer == right ]] || { sleep 0.3 && ask; }
        [[ $answer == right ]] || wrong "no longer serves: $answer $(<"$work/err")"
        stop
    fi
    ((wrongs)) || passed=$((passed + 1))
}

# A call that the launcher makes before it is ready.
starting_case() { # starting_case CALL ERROR OCCURRENCE
    case="starting, $1 fails the ${3}. time ($2)" wrongs=0
    start strace -qq -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3"
    until_true "[[ -s \$work/out ]] || gone $pid"
    if [[ -s $work/out ]]; then
        ask
        [[ $answer == right || $answer == refused ]] || wrong "the answer is $answer"
        exec {input}>&-
        until_true "gone $pid" || wrong 'does not end'
    else
        until_true "gone $pid" || wrong 'neither starts nor ends'
        exec {input}>&-
        grep -q '^launcher: ' "$work/err" || wrong 'says nothing'
    fi
    wait "$pid" 2>/dev/null
    until_true '! pgrep -f -- "--socket $socket" >/dev/null' || wrong 'processes are left'
    rm -f "$socket"
    pid=''
    ((wrongs)) || passed=$((passed + 1))
}

for call in recvfrom:ECONNRESET:3 sendto:EPIPE:2 sendmsg:EPIPE:2 sendfile:EIO:1 openat2:EACCES:2 openat2:ENFILE:2 statx:EIO:2 \
    pread64:EIO:1 prctl:EPERM:1 getppid:ESRCH:1 accept4:ENFILE:1 accept4:EINTR:1 write:EIO:1 ioctl:EIO:1 \
    setitimer:EINVAL:2 getsockopt:EBADF:1 setsockopt:ENOMEM:2 dup3:EBUSY:1 close_range:ENOMEM:2 \
    landlock_create_ruleset:ENOMEM:1 landlock_add_rule:ENOMEM:1 landlock_restrict_self:E2BIG:1 close:EIO:1 \
    clone:EAGAIN:1 waitid:ECHILD:2 ppoll:EINTR:1 ppoll:EINVAL:1 read:EIO:2; do
    IFS=: read -r name error times <<<"$call"
    for ((n = 1; n <= times; n++)); do
        serving_case "$name" "$error" "$n"
    done
done
for call in openat2:ENOSYS:1 open:EACCES:3 fstatfs:EIO:1 landlock_create_ruleset:EINVAL:1 rt_sigprocmask:EINVAL:1 signalfd4:EMFILE:2 \
    pipe2:EMFILE:1 eventfd2:EMFILE:1 socket:EMFILE:1 bind:EACCES:1 bind:EROFS:1 listen:EADDRINUSE:1 statx:EIO:1 flock:EIO:1 \
    prlimit64:EPERM:3 capset:EPERM:1 prctl:EINVAL:4 write:EPIPE:1 mprotect:ENOMEM:1 clone:EAGAIN:1; do
    IFS=: read -r name error times <<<"$call"
    for ((n = 1; n <= times; n++)); do
        starting_case "$name" "$error" "$n"
    done
done
printf '%d passed, %d failed; %d requests of the serving cases were refused\n' "$passed" "$failed" "$refused"
exit $((failed > 0))
