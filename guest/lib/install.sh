# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Lays out the guest's second disk: what guest/files lists, the policy, the shares, the guest's own scripts.

# install_checkout STAGE PASSWD: what guest/files lists, owned as PASSWD names the owners.
install_checkout() {
    local stage=$1 passwd=$2 kind source destination mode ids
    local -a absent=()
    while read -r kind source destination mode; do
        if [[ $kind == @(file|tree) && ! -e $checkout/$source ]]; then
            absent+=("$source")
            continue
        fi
        case $kind in
            file) install -D -m "$mode" "$checkout/$source" "$stage$destination" ;;
            tree)
                mkdir -p "$stage$destination"
                cp -rT --preserve=mode,timestamps,links "$checkout/$source" "$stage$destination"
                ;;
            folder)
                ids=$(awk -F: -v name="$source" '$1 == name { print $3 ":" $4 }' "$passwd")
                install -d -m "$mode" "$stage$destination"
                chown "$ids" "$stage$destination"
                printf 'rw %s\n' "$destination" >>"$stage/guest/folders"
                ;;
            relabel) printf '%s\n' "$source" >>"$stage/guest/relabel" ;;
            *) fail "$exit_machine" "guest/files: unknown kind \"$kind\"" ;;
        esac
    done < <(entries "$guest/files")
    ((!${#absent[@]})) || note "not built, so not in the guest: ${absent[*]}"
}

# install_policy STAGE STORE: the policy with our modules in place of the image's.
install_policy() {
    mkdir -p "$1/etc/selinux" "$1/var/lib/selinux"
    cp -rT "$2/etc/selinux/default" "$1/etc/selinux/default"
    cp -rT "$2/var/lib/selinux/default" "$1/var/lib/selinux/default"
    printf 'rw %s\n' /etc/selinux/default /var/lib/selinux/default >>"$1/guest/folders"
}

# install_shares STAGE DIR...
install_shares() {
    local stage=$1 share name
    shift
    mkdir -p "$stage/share"
    for share; do
        name=$(basename "$(realpath "$share")")
        [[ ! -e $stage/share/$name ]] || fail "$exit_usage" "two shares are named \"$name\""
        cp -a "$share/." "$stage/share/$name"
    done
    printf 'ro %s\n' /share >>"$stage/guest/folders"
}

# install_guest STAGE [COMMAND ARG...]: the guest's own scripts and what they are told.
install_guest() {
    local stage=$1 rows=24 columns=80
    shift
    install -m 0755 "$guest"/init/{boot,session,administrator} "$stage/guest/"
    install -D -m 0755 "$guest/init/as-service" "$stage/usr/local/bin/as-service"
    printf 'rw %s\n' /usr/local/bin >>"$stage/guest/folders"
    gcc -static -O2 -Wall -Wextra -Werror -o "$stage/guest/denials" "$guest/agent/denials.c"

    [[ ! -t 0 ]] || read -r rows columns < <(stty size)
    printf 'enforcing=%s limit=%s interactive=%s rows=%s columns=%s\n' \
        "$enforcing" "$limit" "$interactive" "$rows" "$columns" >"$stage/guest/settings"
    : >"$stage/guest/command"
    ((!$#)) || printf '%s\0' "$@" >"$stage/guest/command"
}

# write_disk STAGE STORE OUT: labels STAGE by the policy's file contexts and makes it a disk.
write_disk() {
    local stage=$1 store=$2 out=$3 size
    setfiles -F -r "$stage" "$store/etc/selinux/default/contexts/files/file_contexts" "$stage" >&2 \
        || fail "$exit_machine" "the second disk cannot be labelled"
    size=$(du -sm --apparent-size "$stage" | cut -f1)
    truncate -s "$((size + size / 4 + 256))M" "$out"
    mke2fs -q -F -t ext4 -O ^has_journal -m 0 -d "$stage" "$out"
}
