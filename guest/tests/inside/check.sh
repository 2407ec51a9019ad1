# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How a test says what it found: one "ok" or "not ok" line each.

failures=0

# check SENTENCE EXPECTED ACTUAL
check() {
    if [[ $3 == "$2" ]]; then
        printf 'ok - %s\n' "$1"
    else
        printf 'not ok - %s\n    expected: %q\n    found:    %q\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# check_like SENTENCE PATTERN ACTUAL: PATTERN is a shell pattern.
check_like() {
    # shellcheck disable=SC2053
    if [[ $3 == $2 ]]; then
        check "$1" "$3" "$3"
    else
        check "$1" "$2" "$3"
    fi
}
