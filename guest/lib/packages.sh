# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian packages that building and booting the guest needs, installed when missing.

# require_packages FILE: the names in FILE (one a line, # comments) are installed afterwards.
require_packages() {
    local -a names missing
    mapfile -t names < <(entries "$1")
    mapfile -t missing < <(comm -23 <(printf '%s\n' "${names[@]}" | sort) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort))
    ((${#missing[@]})) || return 0

    command -v apt-get >/dev/null \
        || fail "$exit_machine" "these Debian packages are needed, and there is no apt-get here: ${missing[*]}"
    ((EUID == 0)) \
        || fail "$exit_machine" "these packages are needed: sudo apt-get install --no-install-recommends ${missing[*]}"
    note "installing ${missing[*]}"
    local -a install=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y
        --no-install-recommends "${missing[@]}")
    "${install[@]}" >/dev/null 2>&1 && return 0
    # Most often the package lists are missing or older than the mirror.
    apt-get update -qq >&2
    "${install[@]}" >&2 || fail "$exit_machine" "apt-get could not install ${missing[*]}"
}
