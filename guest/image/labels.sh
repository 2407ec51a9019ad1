# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What file contexts say of paths, asked without a tree to label.

# labels CONTEXTS: reads "kind path" lines (f, d or l, as find prints them) and prints "path<TAB>context", sorted; what
# has no label is left out.
labels() {
    local contexts=$1 kind all
    all=$(cat)
    for kind in f d l; do
        sed -n "s/^$kind //p" <<<"$all" | xargs -r -d '\n' matchpathcon -m "$kind" -f "$contexts"
    done | grep -v '<<none>>$' | LC_ALL=C sort
}
