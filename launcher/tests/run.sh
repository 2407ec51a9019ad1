#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the launcher's tests, unit tests first, and ends with a tally; exits 1 if one failed.
# usage: run.sh OUTPUT-FOLDER UNIT-TEST...
set -u

out=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0 broken=''

run() {
    name=$1
    shift
    # cmocka writes in the middle of lines; only its summary and what went wrong is worth a line.
    if "$@" >"$log" 2>&1; then
        grep -aE '^\[  SKIPPED \] [a-z]' "$log" | sort -u
        grep -a '^measured: ' "$log"
    else
        broken="$broken $name"
        grep -avE '^\[ (RUN|      OK) '  "$log"
    fi
    count() { grep -acE "^\[ +$1 \] [a-z0-9_]+\$" "$log"; }
    ok=$(count OK) bad=$(grep -aE '^\[  FAILED  \] [a-z_]+$' "$log" | sort -u | grep -c .)
    skip=$(grep -aE '^\[  SKIPPED \] [a-z_]+$' "$log" | sort -u | grep -c .)
    printf '%-24s %3d passed %3d failed %3d skipped\n' "$name" "$ok" "$bad" "$skip"
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
for test; do
    run "$test" "$out/test/$test"
done
for target in confine serve relay text config accounts; do
    run "fuzz corpus, $target" "$out/replay/$target" "fuzz/corpus/$target"
done
run 'end to end' "$out/test/endtoend" "$out/tomcat-selinux-launcher"
run 'end to end, sanitized' "$out/test/endtoend" "$out/asan/launcher"
run growth "$out/test/growth" "$out/tomcat-selinux-launcher" 15000 6000

printf '%-24s %3d passed %3d failed %3d skipped\n' 'launcher, in all' "$passed" "$failed" "$skipped"
[ -z "$broken" ] || { echo "failed:$broken" >&2 && exit 1; }
