#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lets each system call of launcher and helper fail, one occurrence at a time, and looks at what is left:
# faults.sh OUTPUT-FOLDER [PATTERN]; only the cases whose names match the pattern are run, if there is one.
# Which calls there are, and how often, is read from a trace of the same program that nothing fails in.
# Needs strace, and root or the right to trace. The program under test has no system-call filter, which would kill a
# process whose call strace takes away. No verdict depends on how fast the machine is: whatever may still happen is
# waited for, and only what must not happen ends in a failure.
# shellcheck disable=SC2016  # conditions are quoted here and evaluated later
set -u

# shellcheck source=launcher/tests/faults_programs.sh
. "$(dirname "$0")/faults_programs.sh"
out=$1 pattern=${2-}
launcher=$out/faults/launcher client=$out/launcher-client
patience=15 # seconds until what must happen counts as missing
workers=2
work=$(mktemp -d /tmp/launcher-faults.XXXXXX)
pid='' tracer=''
mode='' # switching: a launcher whose helpers become another user; programs: one that runs programs
program='run program' orderly='run orderly' # what such a one is asked for: the second leaves nobody behind
trap 'kill -9 $pid $tracer 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# What is asked for, a line each: what follows the root on the command line of launcher-client.
requests=('stat file' 'cat small' 'cat file' 'list folder')
# The same of what changes something, and the calls that only such a helper makes, or makes differently. Each fails; where the
# file system is about to change, the helper is killed as well.
changes=('put small' 'in-place small' 'mkdir made' 'delete small' 'all-writable folder')
changing=' openat2 statx faccessat2 getdents64 flock fgetxattr fsetxattr fchmod fchown write sendfile fallocate'
changing+=' ftruncate fsync renameat2 unlinkat mkdirat '
deadly=' openat2 flock fchmod sendfile fallocate ftruncate fsync renameat2 unlinkat mkdirat '
# Not ours, before main(); or calls that never fail.
harmless=' execve arch_prctl set_tid_address brk mmap munmap rt_sigreturn restart_syscall getpid geteuid umask '

fill_root() {
    rm -rf "$root/made"
    mkdir -p "$root/folder/inner"
    head -c 70000 /dev/zero | tr '\0' x >"$root/file"
    echo content >"$root/small"
    echo one >"$root/folder/one"
    echo two >"$root/folder/two"
    fill_programs
    find "$root" -exec touch -d @1000000000 {} +
}

# What the root holds: names, kinds and contents, but for what no client sees.
contents() {
    (cd "$root" && find . ! -name '.tomcat-selinux-*' \( -type d -printf '%P %y\n' -o -printf '%P %y %s\n' \) | sort &&
        find . -type f ! -name '.tomcat-selinux-*' | sort | xargs cat) | cksum
}

# What may be said in place of the call's answer: what it is likely to say one day, or what nobody expects.
errors_of() {
    case $1 in
        accept4) echo EIO EINTR ECONNABORTED ;;
        recvfrom | sendto | sendmsg | sendfile) echo EIO EINTR ECONNRESET ;;
        openat2 | open) echo EIO EACCES ENFILE ;;
        statx | newfstatat) echo EIO ENOMEM ;;
        fsync | fallocate | write | mkdirat) echo EIO ENOSPC ;;
        renameat2) echo EXDEV EEXIST ;;
        clone) echo EAGAIN ;;
        ppoll) echo EIO EINTR ;;
        waitid) echo EIO ;;
        landlock_create_ruleset) echo ENOMEM EOPNOTSUPP ;;
        prctl | prlimit64 | capset | seccomp) echo EPERM EINVAL ;;
        *) echo EIO ;;
    esac
}

wrong() {
    printf 'NOT OK %s: %s\n' "$case" "$1"
    wrongs=1
}

children() { cat "/proc/$pid/task/$pid/children" 2>/dev/null; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l; }
gone() { [[ ! -e /proc/$1/exe ]]; }
nobody_left() { ! pgrep -f -- "--socket $socket( |\$)" >/dev/null; }

until_true() { # until_true CONDITION: within the patience
    local end=$((SECONDS + patience))
    until eval "$1"; do
        ((SECONDS < end)) || return 1
        sleep 0.01
    done
}

# start [PREFIX...]: sets $pid, and $input, which ends the launcher when it is closed.
start() {
    local options=(--child)
    : >"$folder/out"
    [[ $mode != switching ]] || options=(--config "$folder/launcher.conf")
    [[ $mode != programs ]] || options+=(--way programs)
    "$@" "$launcher" "${options[@]}" --not-enforcing --idle 1 --socket "$socket" <"$folder/stdin" >"$folder/out" 2>"$folder/err" &
    pid=$!
    exec {input}>"$folder/stdin"
}

is_ready() { [[ -s $folder/out || ($mode == switching && -S $socket) ]]; }

# trace OPTION...: of what the running launcher does, and of whatever it forks from now on.
trace() {
    : >"$folder/trace"
    strace -qq -f -o "$folder/trace" "$@" -p "$pid" 2>/dev/null &
    tracer=$!
    until_true "grep -qs '^TracerPid:.[1-9]' /proc/$pid/status" || wrong 'cannot be traced'
}

untrace() {
    kill "$tracer" 2>/dev/null
    wait "$tracer" 2>/dev/null
    tracer=''
}

stop() {
    exec {input}>&-
    [[ $mode != switching ]] || kill "$pid"
    until_true "gone $pid" || wrong 'the launcher does not end'
    until_true nobody_left || wrong 'processes are left'
    [[ ! -e $socket ]] || wrong 'the socket stays'
    wait "$pid" 2>/dev/null
    pid=''
}

changes_something() { # changes_something REQUEST
    local change
    for change in "${changes[@]}"; do
        [[ $change == "$1" ]] && return
    done
    return 1
}

# run_client REQUEST: prints what it said, but for what is new each time, and exits as it does.
run_client() {
    local got=$folder/got.$BASHPID status words roots=$root as=()
    read -ra words <<<"$1"
    [[ $mode != switching ]] || as=(user=nobody)
    changes_something "$1" && roots=$root,w
    timeout "$patience" "$client" "${as[@]}" "$socket" u:r:t:s0 "$roots" "${words[@]}" <<<'another text' >"$got" 2>&1
    status=$?
    sed -e 1d -e 's, created [0-9]*,,' "$got"
    rm "$got"
    return $status
}

# judge REQUEST STATUS: sets $answer to right, refused, WRONG or HUNG.
judge() {
    case $2 in
        0) cmp -s "$folder/answer" "$folder/right.${1// /_}" && answer=right || answer=WRONG ;;
        124) answer=HUNG ;;
        *) answer=refused ;;
    esac
}

ask() { # ask REQUEST: sets $answer
    run_client "$1" >"$folder/answer"
    judge "$1" $?
}

asks_right() {
    local request=${requests[0]}
    [[ $mode != programs ]] || request=$program
    ask "$request"
    [[ $answer == right ]]
}

# As many lines `CALL COUNT` as the process, or the one of several that made most, made different calls.
count_calls() { # count_calls PID-CONDITION TRACE
    awk -v launcher="$pid" "$1"' && $2 ~ /^[a-z0-9_]+\(/ {
        sub(/\(.*/, "", $2); n = ++of[$1 " " $2]; if (n > most[$2]) most[$2] = n }
        END { for (call in most) print call, most[call] }' "$2" | sort | while read -r call n; do
        [[ $harmless == *" $call "* ]] || echo "$call $n"
    done
}

# From outside nobody can tell whether Landlock holds a process; but that a helper asks for it, and gets it, before it
# says so and reads on. A client of its own has been told that it is in force.
is_in_order() {
    (($("$client" "$socket" u:r:t:s0 "$root" stat '' | sed -n 's/.* measures \(0x[0-9a-f]*\) .*/\1/p') & 4)) || return
    local order
    order=$(awk -v launcher="$pid" '$1 != launcher && !said[$1] {
        if (/ landlock_restrict_self(\(|.*resumed).* = 0$/) order[$1] = order[$1] " restricted"
        else if ($2 ~ /^(accept4|close_range)\(/) order[$1] = order[$1] " " substr($2, 1, index($2, "(") - 1)
        else if ($2 ~ /^sendmsg\(/) { said[$1] = 1; print order[$1] }
    }' "$folder/trace" | sort -u)
    [[ $order == *' close_range restricted' && $order != *$'\n'* ]] || wrong "confined in another order: $order"
}

# Prints the cases, and keeps what the right answers are.
survey() {
    case=survey wrongs=0
    : >"$folder/of-launcher"
    for request in "${requests[@]}" "${changes[@]}"; do
        fill_root
        start
        until_true '[[ -s $folder/out ]]' || wrong 'does not start'
        run_client "$request" >"$folder/right.${request// /_}" || wrong "refused: $request"
        contents >"$folder/after.${request// /_}"
        [[ -s $folder/right.${request// /_} ]] || wrong "no answer: $request"
        until_true '[[ $(children | wc -w) == 1 ]]'
        trace
        run_client "${requests[0]}" >/dev/null # takes the helper that was there before
        fill_root
        run_client "$request" | cmp -s - "$folder/right.${request// /_}" || wrong "answers differ: $request"
        until_true '[[ $(children | wc -w) == 1 ]]'
        untrace
        is_in_order
        count_calls '$1 != launcher' "$folder/trace" | expand serving "$request"
        count_calls '$1 == launcher' "$folder/trace" >>"$folder/of-launcher"
        stop
    done
    sort -k1,1 -k2,2nr "$folder/of-launcher" | awk '!seen[$1]++' | expand serving "${requests[0]}"
    start strace -qq -D -o "$folder/trace"
    until_true '[[ -s $folder/out ]]' || wrong 'does not start'
    sed '/write(1, "ready/q' "$folder/trace" | sed 's/^/1 /' >"$folder/starting"
    stop
    count_calls 1 "$folder/starting" | expand starting -
    count_calls 1 "$folder/starting" | expand_pretences
    survey_switching
    echo 'race|put small|fsync|alike|1'
    echo 'race|put small|fsync|unlike|1'
    echo 'race|put small|renameat2|swept|1'
    survey_programs
    ((!wrongs))
}

# Of a call that is made again and again in a row, the first and the last occurrences stand for the others.
expand() { # expand KIND REQUEST <`CALL COUNT`
    local call count error ends=6
    changes_something "$2" && ends=2
    [[ $2 != run\ * ]] || ends=3
    while read -r call count; do
        changes_something "$2" && [[ $changing != *" $call "* ]] && continue
        for error in $(errors_of "$call") $(changes_something "$2" && [[ $deadly == *" $call "* ]] && echo KILL); do
            for ((n = 1; n <= count; n++)); do
                ((n <= ends || n > count - ends)) && echo "$1|$2|$call|$error|$n"
            done
        done
    done
}

# A call that gives something up may also say that it did, and not have done it.
expand_pretences() { # expand_pretences <`CALL COUNT`
    local call count
    while read -r call count; do
        [[ " capset prctl prlimit64 " == *" $call "* ]] || continue
        for ((n = 1; n <= count; n++)); do
            echo "starting|-|$call|NOTHING|$n"
        done
    done
}

# The calls by which a helper becomes another user, and knows that it is.
survey_switching() {
    ((EUID == 0)) || return
    local call
    mode=switching
    fill_root
    start
    until_true asks_right || wrong "no helper becomes another user: $(<"$folder/err")"
    trace
    ask "${requests[0]}"
    ask "${requests[0]}"
    until_true '[[ $(children | wc -w) == 1 ]]'
    untrace
    count_calls '$1 != launcher' "$folder/trace" | while read -r call n; do
        [[ " setgroups setresgid setresuid getresuid getresgid getgroups capset capget prctl " == *" $call "* ]] && echo "$call $n"
    done | expand switching "${requests[0]}"
    stop
    mode=
}

injected() { grep -qE 'INJECTED|killed by SIGKILL' "$folder/trace"; }

# What was refused has changed nothing; who was killed may have done it. What is left over is swept by the next who writes there.
check_change() { # check_change REQUEST ERROR
    local state after
    state=$(contents)
    after=$(<"$folder/after.${1// /_}")
    if [[ $answer == right ]]; then
        [[ $state == "$after" ]] || wrong 'the answer says done, and it is not'
    elif [[ $1 == in-place* ]]; then
        [[ -s $root/small ]] || wrong 'nothing is left'
    elif [[ $2 == KILL ]]; then
        [[ $state == "$whole" || $state == "$after" ]] || wrong "neither the old nor the new: $(ls -lR "$root")"
    else
        [[ $state == "$whole" ]] || wrong "refused, and not as it was: $(ls -lR "$root")"
    fi
    [[ -e $socket ]] || return
    run_client 'put small' >/dev/null || wrong 'nothing can be written any more'
    [[ -z $(find "$root" -maxdepth 1 -name '.tomcat-selinux-*') ]] || wrong "not swept: $(ls -A "$root")"
    fill_root
}

# The launcher is at work, and a helper's call fails, or one of its own.
serving_case() { # serving_case REQUEST CALL ERROR OCCURRENCE
    local before asked state was
    start
    until_true is_ready || wrong 'does not start'
    before=$(descriptors)
    if [[ $3 == KILL ]]; then
        trace -e trace="$2" -e inject="$2:signal=KILL:when=$4"
    else
        trace -e trace="$2" -e inject="$2:error=$3:when=$4"
    fi
    ask "${requests[0]}" # takes the helper that was there before
    fill_root
    run_client "$1" >"$folder/answer" &
    asked=$!
    # Where every helper fails before it has a client, the client waits, and is served once they fail no more.
    for ((i = 0; i < 300; i++)); do
        gone "$asked" || injected && break
        sleep 0.01
    done
    for ((i = 0; i < 20; i++)); do
        gone "$asked" && break
        sleep 0.01
    done
    injected && echo "$2" >>"$folder/hit"
    untrace
    wait "$asked"
    judge "$1" $?
    [[ $answer == right || $answer == refused ]] || wrong "the answer is $answer"
    [[ $answer == right ]] || echo "$case" >>"$folder/refused"
    if gone "$pid"; then
        # It may end, if it takes everything along.
        until_true nobody_left || wrong 'the launcher is gone, and helpers are left'
        exec {input}>&-
        rm -f "$socket"
        pid=''
    else
        until_true '[[ $(children | wc -w) == 1 ]]' || wrong "helpers are left: $(children)"
        until_true '[[ $(descriptors) == '"$before"' ]]' || wrong "descriptors: $before before, $(descriptors) now"
        was=$answer
        until_true asks_right || wrong "no longer serves: $answer $(<"$folder/err")"
        answer=$was
        changes_something "$1" && check_change "$1" "$3"
        stop
    fi
    changes_something "$1" && fill_root
    state=$(contents)
    [[ $state == "$whole" ]] || wrong 'the root is not what it was'
}

is_stopped() { grep -q -- '--- stopped by SIGSTOP' "$folder/trace"; }

# After the last look at the old file, and before the new one takes its place, somebody else puts a file there; or after it has
# taken its place, another helper removes the old one.
race_case() { # race_case REQUEST CALL alike|unlike|swept OCCURRENCE
    local asked stopped
    start
    until_true is_ready || wrong 'does not start'
    trace -e trace="$2" -e inject="$2:signal=STOP:when=$4"
    ask "${requests[0]}" # takes the helper that was there before
    fill_root
    run_client "$1" >"$folder/answer" &
    asked=$!
    until_true is_stopped || wrong 'does not stop where it should'
    if [[ $3 == swept ]]; then
        rm "$root"/.tomcat-selinux-* || wrong 'there is no old file to be removed'
    else
        echo theirs >"$root/theirs"
        [[ $3 == alike ]] || chmod 0604 "$root/theirs"
        mv "$root/theirs" "$root/small"
    fi
    stopped=$(awk '/--- stopped by SIGSTOP/ { print $1 }' "$folder/trace")
    kill -CONT "$stopped"
    wait "$asked"
    judge "$1" $?
    echo "$2" >>"$folder/hit"
    untrace
    if [[ $3 != unlike ]]; then
        [[ $answer == right && $(contents) == "$(<"$folder/after.${1// /_}")" ]] || wrong "the answer is $answer"
    else
        [[ $answer == refused ]] || wrong "the answer is $answer"
        grep -q 'errno 1 ' "$folder/answer" || wrong "refused for another reason: $(<"$folder/answer")"
        [[ $(<"$root/small") == theirs ]] || wrong 'their file is not there any more'
    fi
    [[ -z $(find "$root" -name '.tomcat-selinux-*') ]] || wrong "left over: $(ls -A "$root")"
    stop
    fill_root
}

# What the launcher says that it has given up, the kernel says, too. The bounding set is root's to empty.
is_in_force() {
    local sets=Prm\|Eff\|Inh\|Amb count=5
    ((EUID != 0)) || sets+=\|Bnd count=6
    [[ $(grep -cE "^(Cap($sets):.0+|NoNewPrivs:.1)\$" "/proc/$pid/status" 2>/dev/null) == "$count" ]] &&
        grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits" && grep -qE '^Max open files +256 +256 ' "/proc/$pid/limits" &&
        grep -qE '^Max locked memory +0 +0 ' "/proc/$pid/limits"
}

switching_case() {
    mode=switching
    serving_case "$@"
    mode=''
}

# A call that the launcher makes before it is ready.
starting_case() { # starting_case - CALL ERROR OCCURRENCE
    local status
    : >"$folder/trace"
    local how=error=$3
    [[ $3 != NOTHING ]] || how=retval=0
    start strace -qq -D -o "$folder/trace" -e trace="$2" -e inject="$2:$how:when=$4"
    until_true "[[ -s \$folder/out ]] || gone $pid" || wrong 'neither starts nor ends'
    if [[ -s $folder/out ]]; then
        # Who was told nonsense about its limits may still end of that.
        is_in_force || until_true "gone $pid" || wrong "started without what it was told to have: $(<"/proc/$pid/status")"
        ask "${requests[0]}"
        [[ $answer == right || $answer == refused ]] || wrong "the answer is $answer"
        exec {input}>&-
        until_true "gone $pid" || wrong 'does not end'
        wait "$pid" 2>/dev/null
    else
        exec {input}>&-
        wait "$pid" 2>/dev/null
        status=$?
        ((status > 0)) || wrong 'ends as if all were well'
        grep -q '^launcher: ' "$folder/err" || wrong 'says nothing'
    fi
    grep -q INJECTED "$folder/trace" && echo "$2" >>"$folder/hit"
    until_true nobody_left || wrong 'processes are left'
    rm -f "$socket"
    pid=''
}

at() { # at FOLDER: work there
    folder=$1 socket=$1/socket root=$1/root
    mkdir -p "$root"
    chmod 0755 "$work" "$folder" "$root"
    printf 'client %d tomcat_t min-uid=1\nallow t s0 %s user=nobody\n' "$EUID" "$root" >"$folder/launcher.conf"
    mkfifo "$folder/stdin"
}

worker() { # worker FOLDER <CASES
    local kind request call error n forbearance=5
    at "$1"
    fill_root
    whole=$(contents)
    ln -s "$work"/survey/right.* "$work"/survey/after.* "$folder"
    while IFS='|' read -r kind request call error n <&3; do
        case="$kind, $request: $call fails the $n. time ($error)" wrongs=0
        "${kind}_case" "$request" "$call" "$error" "$n"
        ((wrongs)) || echo "$case" >>"$folder/passed"
        ((wrongs)) && ((--forbearance == 0)) && echo 'so many failures that the rest is left out' && return
    done 3<"$folder.cases"
}

at "$work/survey"
survey >"$work/all" || { cat "$work/all" && exit 1; }
grep -E -- "$pattern" "$work/all" >"$work/cases"
for ((i = 0; i < workers; i++)); do
    awk -v of="$workers" -v i="$i" 'NR % of == i' "$work/cases" >"$work/$i.cases"
    (worker "$work/$i" >"$work/$i.log" 2>&1) &
    running[i]=$!
done
wait "${running[@]}"
cat "$work"/[0-9]*.log
count() { cat /dev/null "$work"/*/"$1" 2>/dev/null | wc -l; }
passed=$(count passed) cases=$(wc -l <"$work/cases")
# A call that never failed was not tested: then the trace was read wrongly.
unhit=$(comm -23 <(cut -d'|' -f3 "$work/cases" | sort -u) <(cat "$work"/*/hit | sort -u) | paste -sd' ')
[[ -z $unhit ]] || echo "NOT OK: never failed: $unhit"
printf '%d passed, %d failed; in %d a call failed, and %d requests were refused\n' "$passed" "$((cases - passed))" \
    "$(count hit)" "$(count refused)"
[[ $passed == "$cases" && -z $unhit ]]
