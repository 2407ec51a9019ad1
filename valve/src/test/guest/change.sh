# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What changes while Tomcat runs.

# eventually STATUS PATH: asks until the status is this one, for a while.
eventually() {
    local i status=
    for ((i = 0; i < 240; i++)); do
        status=$(ask good "$2")
        [[ $status != "$1" ]] || break
        sleep 0.5
    done
    echo "$status"
}

# reported PATTERN: whether the log has it, now or after a while.
reported() {
    local i
    for ((i = 0; i < 240; i++)); do
        ! grep -q "$1" "$base/out" || { echo yes && return; }
        sleep 0.5
    done
    echo no
}

launcher_of() {
    pgrep -o -u tomcat -f '^/usr/libexec/tomcat-selinux/launcher '
}

setenforce 0
check "nobody is served while SELinux is permissive" 503 "$(ask good /mine/mine.txt)"
setenforce 1
check "and again when it enforces" 200 "$(ask good /mine/mine.txt)"

old=$(launcher_of)
chmod 0000 /usr/libexec/tomcat-selinux/launcher # or Tomcat may start it anew before it is asked
kill -KILL "$old"
check "nobody is served when the launcher was killed" 503 "$(ask good /common.txt)"
chmod 0755 /usr/libexec/tomcat-selinux/launcher
check "and again when it was started anew" 200 "$(eventually 200 /common.txt)"
check "by another launcher" 1 "$(($(launcher_of) != old))"
check "in the rule's context" system_u:system_r:base_webapp_t:s0:c1 "$(context good /common.txt)"
check "the new one refuses as the old one did" 403 "$(ask good /theirs/theirs.txt)"

echo 'nonsense' >"$base/conf/good.map"
check "a wrong mapping file is reported with its line" yes "$(reported 'conf/good.map:1:')"
check "and leaves the rules in force" 200 "$(ask good /mine/mine.txt)"
echo '* *:s0:c2 # from now on' >"$base/conf/good.map"
check "a changed mapping file is taken" 200 "$(eventually 200 /theirs/theirs.txt)"
check "and refuses what it allowed before" 403 "$(ask good /mine/mine.txt)"
echo '* init_t:s0 # the launcher may not enter it' >"$base/conf/good.map"
check "a context that no helper can take is reported" yes "$(reported 'good.map.*init_t:s0.*no helper could take it')"
check "and its rules do not come into force" 200 "$(ask good /theirs/theirs.txt)"
