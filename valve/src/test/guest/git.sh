# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Two users clone and push over HTTP, each to repositories of their own, and the kernel keeps them apart.

repositories=/srv/tomcat/git/repositories
export GIT_CONFIG_GLOBAL=/tmp/gitconfig GIT_TERMINAL_PROMPT=0

# follow PAGE: runs what its examples tell root to run.
follow() {
    local -a commands
    local command
    mapfile -t commands < <(awk '/^```/ { inside = !inside } inside' "$1" | sed -n 's/^# //p')
    check "the page has commands" 1 "$((${#commands[@]} > 10))"
    for command in "${commands[@]}"; do
        eval "$command" || check "$command" 0 "$?"
    done
}

url() {
    echo "http://$1:$1@127.0.0.1:8080/git/$2"
}

# as USER WORD...: git's exit status, as "ok" or "refused".
as() {
    local user=$1
    shift
    if git -C /tmp "$@" >"/tmp/said.$user" 2>&1; then echo ok; else echo refused; fi
}

# note USER FOLDER: a commit to be pushed.
note() {
    echo "of $1" >"/tmp/$2/$1.txt"
    git -C "/tmp/$2" add . && git -C "/tmp/$2" commit -q -m "of $1"
}

# denials: the kernel's records about programs.
denials() {
    dmesg | grep -E 'type=1400 .*scontext=system_u:system_r:base_webapp_t' || true
}

# between FROM TO: of the last denials, how many are of bob's or alice's category to the other's content.
between() {
    denials | grep "scontext=system_u:system_r:base_webapp_t:s0:$1 " | grep -c "base_webapp_rw_t:s0:$2 " || true
}

test_own() {
    local user=$1 category=$2 name=$3 other
    check "$user clones an empty repository" ok "$(as "$user" clone "$(url "$user" "$user/$name")" "$user")"
    note "$user" "$user"
    # Larger than git's buffer: the body comes in chunks.
    head -c 3000000 /dev/urandom >"/tmp/$user/large"
    git -C "/tmp/$user" add large && git -C "/tmp/$user" commit -q -m large
    check "$user pushes" ok "$(as "$user" -C "/tmp/$user" push origin HEAD:refs/heads/main)"
    check "what $user pushed has $user's label" "system_u:object_r:base_webapp_rw_t:s0:$category" \
        "$(stat -c %C "$repositories/$user/$name/refs/heads/main")"
    check "and so has everything that came with it" 0 \
        "$(find "$repositories/$user/$name/objects" -type f -printf '%Z\n' | grep -vc "base_webapp_rw_t:s0:$category$")"
    check "$user clones it again" ok "$(as "$user" clone "$(url "$user" "$user/$name")" "$user-again")"
    check "and has what was pushed" "of $user" "$(cat "/tmp/$user-again/$user.txt")"
}

test_git() {
    local before
    git config --global user.name test && git config --global user.email test@example
    git config --global init.defaultBranch main && git config --global http.proxy ''
    check "who does not log in is asked to" 401 "$(ask localhost /git/alice/diary.git/info/refs?service=git-upload-pack)"
    test_own alice c1 diary.git
    test_own bob c2 plans.git
    check "nothing was denied to them that they need" "" "$(denials)"

    check "bob does not clone alice's" refused "$(as bob clone "$(url bob alice/diary.git)" stolen)"
    check "the kernel said so" 1 "$(($(between c2 c1) > 0))"
    before=$(between c2 c1)
    check "bob does not push to alice's" refused "$(as bob -C /tmp/bob push "$(url bob alice/diary.git)" HEAD:refs/heads/main)"
    check "the kernel said so, too" 1 "$(($(between c2 c1) > before))"
    check "alice does not clone bob's" refused "$(as alice clone "$(url alice bob/plans.git)" stolen)"
    check "as the kernel said" 1 "$(($(between c1 c2) > 0))"
    check "a way around through his own is none" refused "$(as bob clone "$(url bob bob/../alice/diary.git)" stolen)"
    check "alice's is as she left it" "$(git -C /tmp/alice rev-parse HEAD)" \
        "$(git -c safe.directory='*' -C "$repositories/alice/diary.git" rev-parse main)"

    check "alice clones what is for all" ok "$(as alice clone "$(url alice common/rules.git)" alice-common)"
    check "bob clones what is for all" ok "$(as bob clone "$(url bob common/rules.git)" bob-common)"
    note bob bob-common
    check "and pushes nothing there" refused "$(as bob -C /tmp/bob-common push origin HEAD:refs/heads/main)"
    check "it is as it was" "" "$(ls "$repositories/common/rules.git/refs/heads")"
}
