# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Finds the kernel modules that a list names, with what each needs.

# module_paths KERNEL LIST: the modules' files below KERNEL, in loading order; what is built in has none.
module_paths() {
    local kernel=$1 list=$2 version module verb path
    version=$(basename "$kernel"/lib/modules/*)
    depmod -b "$kernel" "$version"
    while read -r module; do
        while read -r verb path _; do
            [[ $verb != insmod ]] || printf '%s\n' "$path"
        done < <(modprobe -d "$kernel" -S "$version" --show-depends "$module")
    done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$list") | awk '!seen[$0]++'
}

# install_modules KERNEL LIST TREE: puts them where modprobe finds them.
install_modules() {
    local kernel=$1 list=$2 tree=$3 version path
    version=$(basename "$kernel"/lib/modules/*)
    while read -r path; do
        install -D -m 0644 "$path" "$tree${path#"$kernel"}"
    done < <(module_paths "$kernel" "$list")
    cp "$kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$tree/lib/modules/$version/"
    depmod -b "$tree" "$version"
}
