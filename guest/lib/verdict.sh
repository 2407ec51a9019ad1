# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Turns what the guest reported into guest/run's exit status, and says why where it is not the command's.

console_tail() {
    note "the end of $target/console.log:"
    tail -n 40 "$target/console.log" >&2
    [[ ! -s $target/denials.log ]] || { note "the last denials:"; tail -n 5 "$target/denials.log" >&2; }
}

# judge RUN TIMELY LIMIT
judge() {
    local run=$1 timely=$2 limit=$3 verdict records
    verdict=$(<"$run/verdict")
    records=${verdict%% *}
    verdict=${verdict#* }

    if [[ $timely == 0 || $verdict == limit ]]; then
        console_tail
        fail "$exit_limit" "the limit of $limit seconds is reached"
    fi
    if [[ $verdict != status=* ]]; then
        [[ ! -s $run/qemu.log ]] || cat "$run/qemu.log" >&2
        console_tail
        verdict=${verdict#error=}
        fail "$exit_machine" "the guest failed: ${verdict:-it ended without a word}"
    fi
    [[ $records == records=0 ]] \
        || fail "$exit_machine" "kernel records were lost, denials.log is not complete: $(grep -a '^LOST' "$target/denials.log" | tail -n 1)"
    exit "${verdict#status=}"
}
