# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Where the guest's parts are, and how its scripts speak to their user.

guest=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
checkout=$(dirname -- "$guest")
# shellcheck disable=SC2034  # used by the scripts that source this file
target=${GUEST_TARGET:-$checkout/target/guest}
# shellcheck disable=SC2034
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tomcat-selinux/guest

shopt -s inherit_errexit

# Exit statuses that are guest/run's own; every other one is the command's.
readonly exit_usage=2 exit_limit=124 exit_machine=125

note() {
    printf 'guest: %s\n' "$*" >&2
}

# fail STATUS MESSAGE...
fail() {
    local status=$1
    shift
    note "$@"
    exit "$status"
}

# One hash of the names and contents of the files below the given paths.
hash_of() {
    find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sed "s, $checkout/, ," | sha256sum | cut -c 1-16
}

# The lines of a list, without comments.
entries() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"
}
