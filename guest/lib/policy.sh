# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The guest's policy: the image's own, with the shipped module and the guest's installed into a copy of its store.

# policy_store IMAGE POLICY STOCK: builds the modules and prints the folder that holds etc/selinux, var/lib/selinux, and, in
# the file labels, what of the image they label anew. Where STOCK is 1, all is left out that needs the shipped module.
policy_store() {
    local image=$1 policy=$2 stock=$3 own=$target/module-$2 name store built
    flock "$checkout/selinux-policy" make -s -C "$checkout/selinux-policy" "target/$policy/tomcat_selinux.pp" >/dev/null || fail "$exit_machine" "the policy module does not build"
    make -s -C "$guest/policy" NAME="$policy" OUT="$own" >/dev/null || fail "$exit_machine" "the guest's policy module does not build"

    local modules=("$own/tomcat_guest.pp")
    ((stock)) || modules+=("$checkout/selinux-policy/target/$policy/tomcat_selinux.pp" "$own"/tomcat_guest_{threads,uploads}.pp)
    name=policy$stock-$(basename "$image")
    store=$target/$name-$(cat "${modules[@]}" | sha256sum | cut -c 1-16)
    if [[ ! -d $store ]]; then
        rm -rf "$target/${name%-*}"-*
        built=$(mktemp -d "$target/policy.XXXXXX")
        chmod 0755 "$built"
        tar -C "$built" -xf "$image/store.tar"
        # Debian's default, 0, lets a module through that violates a neverallow.
        sed -i 's/^expand-check=.*/expand-check=1/' "$built/etc/selinux/semanage.conf"
        # The base policy names an account that only machines with that desktop have.
        semodule -n -p "$built" -s "$policy" -i "${modules[@]}" 2> >(grep -v 'user sddm not in password file' >&2) \
            || { rm -rf "$built"; fail "$exit_machine" "the policy modules do not fit the guest's policy"; }
        labels "$built/etc/selinux/$policy/contexts/files/file_contexts" <"$image/paths" \
            | LC_ALL=C comm -13 "$image/labels" - >"$built/labels"
        mv -T "$built" "$store"
    fi
    printf '%s\n' "$store"
}
