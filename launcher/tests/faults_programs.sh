#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The part of faults.sh for a launcher that runs programs: each call of a supervisor and of a relay fails, of those that are born
# and of those that have a client. To be read by faults.sh, whose functions and variables it uses.
# shellcheck disable=SC2016,SC2154,SC2034  # conditions are quoted here and evaluated later; variables are those of faults.sh

# It leaves somebody behind who would outlive it, and says what it was given.
fill_programs() {
    [[ -p $root/pipe ]] || mkfifo "$root/pipe"
    cat >"$root/program" <<'END'
#!/bin/sh
setsid sh -c 'read -r line <pipe' left --socket "${PWD%/root}/socket" </dev/null >/dev/null 2>&1 &
until pgrep -f -- "^sh -c read.* --socket ${PWD%/root}/socket\$" >/dev/null; do :; done
cat
echo said
END
    printf '%s\n' '#!/bin/sh' cat 'echo said' >"$root/orderly"
    chmod 0755 "$root/program" "$root/orderly"
}

supervisor_of() { cut -d' ' -f1 "/proc/$pid/task/$pid/children" 2>/dev/null; }
# A program that has not yet begun is nobody's relay.
relay_of() { cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null; }
is_paired() { [[ $(children | wc -w) == 1 && -n $(relay_of "$(supervisor_of)") ]]; }
# A supervisor that has served in order waits again, beside the one that was forked meanwhile.
are_paired() {
    local each
    for each in $(children); do
        [[ -n $(relay_of "$each") ]] || return 1
    done
    [[ $(children | wc -w) == [12] ]]
}
no_program_left() { ! pgrep -f -- "^sh -c read.* --socket $socket\$" >/dev/null; }

# trace_one KIND OPTION...: of the supervisor or the relay that wait for a client, or of those that are born from now on.
# What the program itself does, from its execve on, is nobody's business.
trace_one() {
    local of
    case $1 in
        birth) of=$pid ;;
        supervisor | orderly) of=$(supervisor_of) ;;
        relay) of=$(relay_of "$(supervisor_of)") ;;
    esac
    local follow=(-f -b execve)
    [[ $1 != supervisor && $1 != orderly ]] || follow=()
    shift
    : >"$folder/trace"
    strace -qq "${follow[@]}" -o "$folder/trace" "$@" -p "$of" 2>/dev/null &
    tracer=$!
    until_true "grep -qs '^TracerPid:.[1-9]' /proc/$of/status || injected" || wrong 'cannot be traced'
}

# The calls that are made for one request; of those that are made at birth, which the others do not make again.
survey_programs() {
    local kind request
    mode=programs
    for kind in relay supervisor orderly birth; do
        request=$program
        [[ $kind != orderly ]] || request=$orderly
        fill_root
        start
        { until_true is_ready && until_true is_paired; } || wrong 'starts no relay'
        [[ $kind == relay ]] && { run_client "$program" >"$folder/right.${program// /_}" || wrong "refused: $program"; }
        cp "$folder/right.${program// /_}" "$folder/right.${orderly// /_}"
        { until_true is_paired && until_true no_program_left; } || wrong 'something is left'
        trace_one "$kind"
        run_client "$request" | cmp -s - "$folder/right.${request// /_}" || wrong "answers differ: $request"
        until_true are_paired && until_true no_program_left
        untrace
        [[ $kind != supervisor && $kind != orderly ]] || sed -i 's/^/1 /' "$folder/trace"
        # A close that fails has closed all the same, which strace cannot make it do; and whether the supervisor has to wait for
        # a moment depends on how fast the machine is.
        count_calls '$1 != launcher' "$folder/trace" | grep -vE '^(close|rt_sigtimedwait) ' | expand "$kind" "$request"
        stop
    done
    mode=
}

# One of the two that serve a request has a call fail, or one of those that are born meanwhile.
program_case() { # program_case KIND REQUEST CALL ERROR OCCURRENCE
    local before asked
    mode=programs
    start
    { until_true is_ready && until_true is_paired; } || wrong 'does not start'
    before=$(descriptors)
    trace_one "$1" -e trace="$3" -e inject="$3:error=$4:when=$5"
    [[ $1 != birth ]] || ask "$program" # takes those who were there before
    run_client "$2" >"$folder/answer" &
    asked=$!
    until_true "gone $asked || injected"
    for ((i = 0; i < 20; i++)); do
        gone "$asked" && break
        sleep 0.01
    done
    injected && echo "$3" >>"$folder/hit"
    untrace
    wait "$asked"
    judge "$2" $?
    [[ $answer == right || $answer == refused ]] || wrong "the answer is $answer: $(<"$folder/answer")"
    [[ $answer == right ]] || echo "$case" >>"$folder/refused"
    until_true no_program_left || wrong 'what the program left behind is still there'
    until_true are_paired || wrong "helpers are left: $(children)"
    until_true '[[ $(descriptors) == '"$before"' ]]' || wrong "descriptors: $before before, $(descriptors) now"
    until_true asks_right || wrong "no longer serves: $answer $(<"$folder/err")"
    until_true no_program_left || wrong 'what a program left behind is still there'
    stop
    mode=
}

relay_case() { program_case relay "$@"; }
supervisor_case() { program_case supervisor "$@"; }
orderly_case() { program_case orderly "$@"; }
birth_case() { program_case birth "$@"; }
