# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Lays out the guest's second disk: what guest/files lists, the policy, the shares, the guest's own scripts.

# install_checkout STAGE PASSWD INIT: what guest/files lists, owned as PASSWD names the owners.
install_checkout() {
    local stage=$1 passwd=$2 init=$3 kind source destination mode ids unit
    local -a absent=()
    while read -r kind source destination mode; do
        [[ $kind != units || $init == systemd ]] || continue
        if [[ $kind == @(file|tree|units) && ! -e $checkout/$source ]]; then
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
            units)
                while read -r unit; do
                    copy_into "$stage" "$checkout/$source/$unit" "/usr/lib/systemd/system/$unit"
                done < <(find "$checkout/$source" -type f -printf '%P\n')
                ;;
            *) fail "$exit_machine" "guest/files: unknown kind \"$kind\"" ;;
        esac
    done < <(entries "$guest/files")
    ((!${#absent[@]})) || note "not built, so not in the guest: ${absent[*]}"
}

# copy_into STAGE FILE DESTINATION: a file in a folder of the image, beside what is there.
copy_into() {
    install -D -m 0644 "$2" "$1$3"
    printf '%s\n' "${3#/}" >>"$1/guest/copies"
}

# install_policy STAGE STORE POLICY: the policy with our modules in place of the image's.
install_policy() {
    local stage=$1 store=$2 policy=$3 folder
    for folder in etc/selinux var/lib/selinux; do
        mkdir -p "$stage/$folder"
        cp -rT "$store/$folder/$policy" "$stage/$folder/$policy"
        printf 'rw /%s\n' "$folder/$policy" >>"$stage/guest/folders"
    done
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

# install_guest STAGE INIT POLICY [COMMAND ARG...]: the guest's own scripts and what they are told.
install_guest() {
    local stage=$1 init=$2 policy=$3 all=s0-s0:c0.c1023 common=s0 rows=24 columns=80
    shift 3
    # With levels, an administrator has all of them, and so has what everybody uses.
    [[ $policy != mls ]] || common=s0-s15:c0.c1023 all=$common
    install -m 0755 "$guest"/init/{boot,session,administrator} "$stage/guest/"
    install -D -m 0755 "$guest/init/as-service" "$stage/usr/local/bin/as-service"
    printf 'rw %s\n' /usr/local/bin >>"$stage/guest/folders"
    [[ $init == script ]] || copy_into "$stage" "$guest/init/guest-session.service" /etc/systemd/system/guest-session.service
    gcc -static -O2 -Wall -Wextra -Werror -o "$stage/guest/denials" "$guest/agent/denials.c"

    [[ ! -t 0 ]] || read -r rows columns < <(stty size)
    printf 'init=%s mode=%s tap=%s limit=%s interactive=%s rows=%s columns=%s all=%s common=%s\n' \
        "$init" "$mode" "$tap" "$limit" "$interactive" "$rows" "$columns" "$all" "$common" >"$stage/guest/settings"
    : >"$stage/guest/command"
    ((!$#)) || printf '%s\0' "$@" >"$stage/guest/command"
}

# install_labels STAGE STORE CONTEXTS: what the boot must label: what the modules label otherwise than the image does,
# and the way to what is mounted. One file for each context: it, then the names.
install_labels() {
    local stage=$1 store=$2 contexts=$3 folder path context number=0
    local -A names=()
    while IFS=$'\t' read -r path context; do
        names[$context]+=$path$'\n'
    done < <(
        cat "$store/labels"
        while read -r _ folder; do
            while folder=$(dirname "$folder") && [[ $folder != / ]]; do
                echo "d $folder"
            done
        done <"$stage/guest/folders" | sort -u | labels "$contexts"
    )
    mkdir "$stage/guest/labels"
    for context in "${!names[@]}"; do
        printf '%s\n%s' "$context" "${names[$context]}" >"$stage/guest/labels/$((number += 1))"
    done
}

# write_disk STAGE CONTEXTS OUT: labels STAGE by the policy's file contexts and makes it a disk.
write_disk() {
    local stage=$1 contexts=$2 out=$3 size
    setfiles -F -r "$stage" "$contexts" "$stage" >&2 \
        || fail "$exit_machine" "the second disk cannot be labelled"
    size=$(du -sm --apparent-size "$stage" | cut -f1)
    truncate -s "$((size + size / 4 + 256))M" "$out"
    mke2fs -q -F -t ext4 -O ^has_journal -m 0 -d "$stage" "$out"
}
