#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests the launcher under a kernel that enforces SELinux: guest/run --share launcher/target --share launcher/tests -- /share/tests/guest.sh
# In a guest that was booted with --permissive it tests what must happen there instead.
# shellcheck source=launcher/tests/guest_common.sh
source "$(dirname -- "$0")/guest_common.sh"

socket=/run/tomcat-selinux/test.socket
root=/srv/tomcat/launcher-test
log=/tmp/launcher-test.log
as=() # whom the client asks for

# ask CONTEXT ROOT COMMAND PATH: as Tomcat would. Sets $answer and $status.
ask() {
    answer=$(as-service "$client" "${as[@]}" "$socket" "$@" </dev/null 2>&1)
    status=$?
}

# says NAME STATUS WORDS CONTEXT ROOT COMMAND PATH
says() {
    local name=$1 expected=$2 words=$3
    shift 3
    ask "$@"
    [[ $status == "$expected" && $answer == *"$words"* ]]
    verdict $? "$name" "exit $status, expected $expected with \"$words\": $answer"
}

reads() { says "$1 reads $2" 0 "content of $2" "$user:$1" "$root" cat "$2"; }
is_denied() { says "$1 is denied $2" 1 'errno 13' "$user:$1" "$root" cat "$2"; }
is_refused() { says "$1 is refused: $2" 2 "failed $2" "$1" "$root" stat ''; }

gone() { # gone PID
    eventually test ! -e "/proc/$1/exe"
}

logged() { # logged WORDS
    eventually grep -q -- "$1" "$log"
}

start() { # start [OPTION...]: sets $pid
    local before
    before=$(stat -c %i "$socket" 2>/dev/null)
    # Root's helpers are root: as a child, or with a file that makes them somebody else.
    [[ " $* " == *' --config '* ]] || set -- --child "$@"
    as-service "$launcher" --socket "$socket" "$@" <&"$open" >"$log" 2>&1 &
    pid=$!
    disown
    for ((i = 0; i < 600; i++)); do
        [[ -S $socket && $(stat -c %i "$socket" 2>/dev/null) != "$before" ]] && return
        sleep 0.05
    done
    cat "$log"
    echo "the launcher did not start" >&2
    exit 1
}

# does_not_start NAME STATUS WORDS COMMAND...
does_not_start() {
    local name=$1 expected=$2 words=$3 said
    shift 3
    said=$("$@" --socket "$socket.other" </dev/null 2>&1)
    status=$?
    [[ $status == "$expected" && $said == *"$words"* && ! -e $socket.other ]]
    verdict $? "$name" "exit $status, expected $expected with \"$words\": $said"
}

# Starts a client that stays until its standard input ends. Sets $held (of the helper) and the descriptor $hold.
hold_one() {
    : >/tmp/launcher-test.held
    exec {hold}> >(exec as-service "$client" "${as[@]}" "$socket" "$1" "$root" wait '' >/tmp/launcher-test.held 2>&1)
    held=
    for ((i = 0; i < 600; i++)); do
        held=$(sed -n 's/^confined pid \([0-9]*\) .*/\1/p' /tmp/launcher-test.held)
        [[ -n $held ]] && return
        sleep 0.05
    done
    cat /tmp/launcher-test.held
}

set_boolean() { # set_boolean NAME 0|1
    echo "$2" >"/sys/fs/selinux/booleans/$1" && echo 1 >/sys/fs/selinux/commit_pending_bools
}

is_user() { # is_user PID NAME: in every id, with no capability
    local uid gid
    uid=$(id -u "$2") gid=$(id -g "$2")
    [[ $(grep -cE "^(Uid:.$uid.$uid.$uid.$uid|Gid:.$gid.$gid.$gid.$gid|Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000000)$" "/proc/$1/status") == 7 ]]
    verdict $? "the kernel says that a helper is $2, and has no capability" "$(<"/proc/$1/status")"
}

label() { # label TYPE:RANGE NAME
    echo "content of $2" >"$root/$2"
    chcon "system_u:object_r:$1" "$root/$2"
}

mkdir -p "$root/folder_c1"
restorecon -R "$root"
label tomcat_content_t:s0 common
label unpriv_webapp_content_t:s0 unpriv
label unpriv_webapp_content_t:s0:c0 unpriv_c0
label unpriv_webapp_content_t:s0:c1 unpriv_c1
label unpriv_webapp_content_t:s0:c0,c1 unpriv_c0_c1
label staff_webapp_content_t:s0 staff
label tomcat_webapp_code_t:s0 code
echo 'content of folder_c1/file' >"$root/folder_c1/file"
chcon -R system_u:object_r:unpriv_webapp_content_t:s0:c1 "$root/folder_c1"

if [[ $(</sys/fs/selinux/enforce) == 0 ]]; then
    does_not_start 'does not start where SELinux is permissive' 69 'permissive' as-service "$launcher" --child
    start --not-enforcing
    says 'takes the context even so, and reads it back' 0 "measures 0x1f context $user:unpriv_webapp_t:s0:c0" \
        "$user:unpriv_webapp_t:s0:c0" "$root" cat common
    is_refused "$user:no_such_t:s0" 'reason 3 errno 22'
    logged 'NOTHING IS ENFORCED'
    verdict $? 'says loudly that nothing is enforced' "$(<"$log")"
    kill "$pid"
    tally permissive
fi

# Where it starts, and where not.
cp "$launcher" /usr/local/bin/launcher-elsewhere
restorecon /usr/local/bin/launcher-elsewhere
does_not_start 'does not start as root without a file' 77 'root, without --config' as-service "$launcher"
does_not_start 'does not start outside its domain' 77 'not in tomcat_launcher_t' /usr/local/bin/launcher-elsewhere --child
does_not_start 'nor does --not-enforcing let it' 77 'not in tomcat_launcher_t' /usr/local/bin/launcher-elsewhere --child --not-enforcing
setenforce 0
does_not_start 'does not start where SELinux is permissive' 69 'permissive' as-service "$launcher" --child
setenforce 1

# The context is taken, and nothing is left to chance.
start
says 'the kernel says the context that was asked for, and every measure is in force' 0 \
    "measures 0x1f context $user:unpriv_webapp_t:s0:c0" "$user:unpriv_webapp_t:s0:c0" "$root" cat common
hold_one "$user:unpriv_webapp_t:s0:c7"
[[ $(tr -d '\0' <"/proc/$held/attr/current") == "$user:unpriv_webapp_t:s0:c7" ]]
verdict $? 'the kernel says the same from outside' "$(tr -d '\0' <"/proc/$held/attr/current")"
[[ $(grep -cE '^(Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000000|NoNewPrivs:.1|Seccomp:.2)$' "/proc/$held/status") == 7 ]]
verdict $? 'no capability, no new privilege, a filter' "$(<"/proc/$held/status")"
exec {hold}>&-
gone "$held"
verdict $? 'a helper ends with its client'

# Every allowed case, and the denied one beside it.
reads unpriv_webapp_t:s0:c0 common
reads unpriv_webapp_t:s0:c0 unpriv
reads unpriv_webapp_t:s0:c0 unpriv_c0
is_denied unpriv_webapp_t:s0:c0 unpriv_c1
is_denied unpriv_webapp_t:s0:c0 unpriv_c0_c1
is_denied unpriv_webapp_t:s0:c0 staff
is_denied unpriv_webapp_t:s0:c0 code
is_denied unpriv_webapp_t:s0:c0 folder_c1/file
reads unpriv_webapp_t:s0:c1 unpriv_c1
reads unpriv_webapp_t:s0:c1 folder_c1/file
is_denied unpriv_webapp_t:s0:c1 unpriv_c0
reads unpriv_webapp_t:s0:c0,c1 unpriv_c0_c1
reads staff_webapp_t:s0 staff
is_denied unpriv_webapp_t:s0 staff
reads anon_webapp_t:s0 common
is_denied anon_webapp_t:s0 unpriv
reads base_webapp_t:s0 common
is_denied base_webapp_t:s0 unpriv
for context in unpriv_webapp_t:s0:c0 unpriv_webapp_t:s0:c1; do
    says "stat by $context says of unpriv_c0 what opening it would" $((${context##*c} == 0 ? 0 : 1)) '' \
        "$user:$context" "$root" stat unpriv_c0
done
says '/etc/shadow is denied to uid 0, whose it is' 1 'errno 13' "$user:unpriv_webapp_t:s0" /etc cat shadow
ask "$user:unpriv_webapp_t:s0:c0" "$root" list ''
listed=$(sed -n 's/^\(file\|directory\) [0-9]* //p' <<<"$answer" | sort | tr '\n' ' ')
[[ $listed == 'common unpriv unpriv_c0 ' ]]
verdict $? 'a list holds what may be read and nothing else' "$answer"
says 'a folder of another category cannot be listed' 1 'errno 13' "$user:unpriv_webapp_t:s0:c0" "$root" list folder_c1
says 'a root of another category cannot be served' 2 'failed reason 4 errno 13' \
    "$user:unpriv_webapp_t:s0:c0" "$root/folder_c1/." stat ''

# Writing. Two persons share a folder, and each file is whose context made it.
uploads=/srv/uploads/unpriv/launcher-test
mkdir -p "$uploads"
restorecon -R "$uploads"
c0=$user:unpriv_webapp_t:s0:c0 c1=$user:unpriv_webapp_t:s0:c1

# gives NAME STATUS WORDS TEXT CONTEXT ROOT COMMAND PATH: says, with a text for standard input
gives() {
    local name=$1 expected=$2 words=$3 text=$4
    shift 4
    answer=$(as-service "$client" "${as[@]}" "$socket" "$@" <<<"$text" 2>&1)
    status=$?
    [[ $status == "$expected" && $answer == *"$words"* ]]
    verdict $? "$name" "exit $status, expected $expected with \"$words\": $answer"
}

has_label() { # has_label PATH LABEL
    [[ $(stat -c %C "$1") == "system_u:object_r:$2" ]]
    verdict $? "${1#"$uploads/"} is $2" "$(stat -c %C "$1")"
}

leftovers() { find "$uploads" -name '.tomcat-selinux-*' | wc -l; }

shares_a_folder() {
    gives 'a new file can be written' 0 'done' 'text of c0' "$c0" "$uploads,w" new of_c0
    gives 'and one of another category' 0 'done' 'text of c1' "$c1" "$uploads,w" put of_c1
    has_label "$uploads/of_c0" unpriv_webapp_rw_t:s0:c0
    has_label "$uploads/of_c1" unpriv_webapp_rw_t:s0:c1
    says 'who wrote it can read it' 0 'text of c0' "$c0" "$uploads" cat of_c0
    says 'the other cannot, and SELinux said so' 1 'errno 13 Permission denied, SELinux' "$c1" "$uploads" cat of_c0
    says 'nor the other way round' 1 'errno 13 Permission denied, SELinux' "$c0" "$uploads" cat of_c1
    ask "$c0" "$uploads" list ''
    [[ $answer == *of_c0* && $answer != *of_c1* ]]
    verdict $? 'nor is it in a list' "$answer"
    gives 'nor may the other overwrite it' 1 'errno 13 Permission denied, SELinux' 'other text' "$c1" "$uploads,w" put of_c0
    gives 'in place neither' 1 'errno 13 Permission denied, SELinux' 'other text' "$c1" "$uploads,w" in-place of_c0
    says 'nor delete it' 1 'errno 13' "$c1" "$uploads,w" delete of_c0
    says 'nor would it be allowed to' 1 'errno 13 Permission denied, SELinux' "$c1" "$uploads,w" writable of_c0
    gives 'who wrote it overwrites it' 0 'done' 'second text' "$c0" "$uploads,w" put of_c0
    has_label "$uploads/of_c0" unpriv_webapp_rw_t:s0:c0
    says 'and reads that' 0 'second text' "$c0" "$uploads" cat of_c0
    says 'a folder is made' 0 'done' "$c0" "$uploads,w" mkdir folder_of_c0
    has_label "$uploads/folder_of_c0" unpriv_webapp_rw_t:s0:c0
    says 'the other cannot list it' 1 'errno 13' "$c1" "$uploads" list folder_of_c0
    gives 'nor write into it' 1 'errno 13' 'text' "$c1" "$uploads,w" new folder_of_c0/x
    gives 'who made it can' 0 'done' 'text' "$c0" "$uploads,w" new folder_of_c0/x
    has_label "$uploads/folder_of_c0/x" unpriv_webapp_rw_t:s0:c0
    says 'and may write to all of it' 0 'done' "$c0" "$uploads,w" all-writable folder_of_c0
    says 'but not to all that is beside it' 1 'errno 13 Permission denied, SELinux' "$c0" "$uploads,w" all-writable ''
    echo 'common text' >"$uploads/common"
    chcon system_u:object_r:unpriv_webapp_rw_t:s0 "$uploads/common"
    gives 'a common file is not made one of a category' 1 'errno 1 ' 'text of c0' "$c0" "$uploads,w" put common
    has_label "$uploads/common" unpriv_webapp_rw_t:s0
    says 'and stays what it was' 0 'common text' "$c0" "$uploads" cat common
    gives 'in place it keeps its label' 0 'done' 'new common text' "$c0" "$uploads,w" in-place common
    has_label "$uploads/common" unpriv_webapp_rw_t:s0
    says 'and everybody can read that' 0 'new common text' "$c1" "$uploads" cat common
    chmod 0 "$uploads/common"
    says 'Unix permissions are told from SELinux' 1 'errno 13 Permission denied, Unix permissions' "$c0" "$uploads" cat common
    gives 'what Unix permissions allow, the type of the folder does not' 1 'errno 13 Permission denied, SELinux' text "$c0" "$root,w" new x
    says 'nor to make a folder' 1 'errno 13 Permission denied, SELinux' "$c0" "$root,w" mkdir x
    says 'nor to delete' 1 'errno 13 Permission denied, SELinux' "$c0" "$root,w" delete common
    gives 'a root to read is not written to' 1 'errno 30' text "$c0" "$uploads" new x
    says 'an empty folder that has one is deleted' 1 'errno 39' "$c0" "$uploads,w" delete folder_of_c0
    says 'when it is empty' 0 'done' "$c0" "$uploads,w" delete folder_of_c0/x
    says 'then it is gone' 0 'done' "$c0" "$uploads,w" delete folder_of_c0

    # A helper that is killed in the middle of an upload.
    exec {upload}> >(exec as-service "$client" "$socket" "$c0" "$uploads,w" put of_c0 >/tmp/launcher-test.held 2>&1)
    echo 'third text' >&"$upload"
    for ((i = 0; i < 600; i++)); do
        (($(leftovers) == 1)) && break
        sleep 0.05
    done
    (($(leftovers) == 1))
    verdict $? 'an upload is under way' "$(ls -laZ "$uploads")"
    held=$(sed -n 's/^confined pid \([0-9]*\) .*/\1/p' /tmp/launcher-test.held)
    kill -KILL "$held"
    gone "$held"
    exec {upload}>&-
    says 'the old file is whole' 0 'second text' "$c0" "$uploads" cat of_c0
    gives 'another category cannot sweep what is left' 0 'done' text "$c1" "$uploads,w" put of_c1
    (($(leftovers) == 1))
    verdict $? 'it stays' "$(ls -laZ "$uploads")"
    gives 'the next upload of its own sweeps it' 0 'done' text "$c0" "$uploads,w" put of_c0
    (($(leftovers) == 0))
    verdict $? 'it is gone' "$(ls -laZ "$uploads")"

    # A list asks about every name, and that is no incident.
    for ((i = 0; i < 50; i++)); do
        echo text >"$uploads/many_$i"
    done
    chcon -l s0:c1 "$uploads"/many_*
    before=$(dmesg | grep -c 'avc: *denied')
    says 'a folder of fifty files of another category is listed' 0 'of_c0' "$c0" "$uploads" list ''
    after=$(dmesg | grep -c 'avc: *denied')
    ((after == before))
    verdict $? 'and leaves no record' "$(dmesg | grep 'avc: *denied' | tail -n $((after - before)) | head -5)"
}

# There nobody writes above or below their own level, so a folder is of one.
has_a_folder_each() {
    chcon -l s0:c0 "$uploads"
    gives 'a new file can be written' 0 'done' 'text of c0' "$c0" "$uploads,w" new of_c0
    has_label "$uploads/of_c0" unpriv_webapp_rw_t:s0:c0
    says 'who wrote it can read it' 0 'text of c0' "$c0" "$uploads" cat of_c0
    says 'the other cannot' 1 'errno 13 Permission denied, SELinux' "$c1" "$uploads" cat of_c0
    gives 'nor write there' 1 'errno 13 Permission denied, SELinux' text "$c1" "$uploads,w" new of_c1
    says 'nor delete it' 1 'errno 13' "$c1" "$uploads,w" delete of_c0
    gives 'who wrote it overwrites it' 0 'done' 'second text' "$c0" "$uploads,w" put of_c0
    has_label "$uploads/of_c0" unpriv_webapp_rw_t:s0:c0
}

if grep -q '^SELINUXTYPE=mls' /etc/selinux/config; then
    has_a_folder_each
else
    shares_a_folder
fi

# Levels, where the policy has them.
if grep -q '^SELINUXTYPE=mls' /etc/selinux/config; then
    label unpriv_webapp_content_t:s3:c0 unpriv_s3_c0
    label unpriv_webapp_content_t:s3:c1 unpriv_s3_c1
    label unpriv_webapp_content_t:s4:c0 unpriv_s4_c0
    reads unpriv_webapp_t:s3:c0 common
    reads unpriv_webapp_t:s3:c0 unpriv_c0
    reads unpriv_webapp_t:s3:c0 unpriv_s3_c0
    is_denied unpriv_webapp_t:s3:c0 unpriv_s3_c1
    is_denied unpriv_webapp_t:s3:c0 unpriv_s4_c0
    is_denied unpriv_webapp_t:s0:c0 unpriv_s3_c0
    is_refused "$user:unpriv_webapp_t:s16" 'reason 3 errno 22'
    hold_one "$user:unpriv_webapp_t:s3:c0"
    kill -SEGV "$held"
    gone "$held" && logged "helper $held crashed: signal 11 .*:s3:c0"
    verdict $? 'whose helper crashed is known at any level' "$(<"$log")"
    exec {hold}>&-
fi

# Contexts that no helper may have.
is_refused nonsense 'reason 3 errno 22'
is_refused "$user:no_such_t:s0" 'reason 3 errno 22'
is_refused "$user:unpriv_webapp_t:s0:c1024" 'reason 3 errno 22'
is_refused "$user:unpriv_webapp_t:s0:c1,c0" 'reason 3 errno 0'
is_refused "$user:init_t:s0" 'reason 3 errno 13'
is_refused "$user:initrc_t:s0" 'reason 3 errno 13'
is_refused unconfined_u:unconfined_r:unconfined_t:s0 'reason 3 errno 13'
is_refused "$user:tomcat_t:s0" 'reason 2'
is_refused "$user:tomcat_launcher_t:s0" 'reason 2'

# Who may ask.
answer=$("$client_binary" "$socket" "$user:unpriv_webapp_t:s0" "$root" stat '' 2>&1)
status=$?
[[ $status == 3 ]] && logged 'refused a client: .*, expected type tomcat_t'
verdict $? 'an administrator in another domain is refused, and the log says so' "exit $status: $answer $(<"$log")"

# The launcher's own file. It lies where every domain may read. This launcher runs as root, so its helpers must be somebody else.
config=/usr/lib/launcher-test.conf
cat >"$config" <<END
client 0 tomcat_t min-uid=900
allow $user:unpriv_webapp_t s0:c0-s0:c0,c1 $root user=tomcat-selinux,tomcat group=-,www-data
allow unpriv_webapp_t s0:c0 ${uploads%/*} write user=tomcat-selinux
client 0 no_such_client_t min-uid=900
allow staff_webapp_t s0 / user=tomcat
END
restorecon "$config"
kill -TERM "$pid"
gone "$pid"
chown -R tomcat-selinux: "$uploads"
start --config "$config"
as=(user=tomcat-selinux)
says 'no helper becomes another user without the boolean' 2 'failed reason 6 errno 1 user ' \
    "$user:unpriv_webapp_t:s0:c0" "$root" cat unpriv_c0
set_boolean tomcat_launcher_switch_user 1
gives 'a line with write lets this client write' 0 'done' text "$c0" "$uploads,w" put of_c0
gives 'a line without it does not' 2 'failed reason 2' text "$c0" "$root,w" put x
reads unpriv_webapp_t:s0:c0 unpriv_c0
reads unpriv_webapp_t:s0:c0,c1 unpriv_c0_c1
is_denied unpriv_webapp_t:s0:c0 unpriv_c1
is_refused "$user:unpriv_webapp_t:s0:c2" 'reason 2 errno 0'
is_refused "$user:unpriv_webapp_t:s0" 'reason 2 errno 0'
is_refused "$user:anon_webapp_t:s0:c0" 'reason 2 errno 0'
is_refused "unconfined_u:system_r:unpriv_webapp_t:s0:c0" 'reason 2 errno 0'
# The same user in another domain may ask for this.
is_refused "$user:staff_webapp_t:s0" 'reason 2 errno 0'
logged "allows this domain to pid .*, uid 0: context $user:staff_webapp_t:s0"
verdict $? 'the log says who asked for more than the file allows' "$(<"$log")"
says 'a root that the file does not allow is refused' 2 'failed reason 2 errno 0' \
    "$user:unpriv_webapp_t:s0:c0" "${root%/*}" stat ''
answer=$("$client_binary" "$socket" "$user:unpriv_webapp_t:s0:c0" "$root" stat '' 2>&1)
status=$?
[[ $status == 3 ]] && logged 'refused a client: .*, which no client in .* has'
verdict $? 'a domain that the file does not name is refused, and the log says so' "exit $status: $answer $(<"$log")"

# Who a helper is to Unix, beside what it is to SELinux.
label unpriv_webapp_content_t:s0:c0 private
chown tomcat "$root/private"
chmod 0600 "$root/private"
is_denied unpriv_webapp_t:s0:c0 private
hold_one "$user:unpriv_webapp_t:s0:c0"
is_user "$held" tomcat-selinux
exec {hold}>&-
as=(user=tomcat)
reads unpriv_webapp_t:s0:c0 private
is_denied unpriv_webapp_t:s0:c0 unpriv_c1
as=(user=tomcat group=www-data)
reads unpriv_webapp_t:s0:c0 private
for word in user=root user=0 user=daemon user= 'user=tomcat group=root' 'user=tomcat group=daemon'; do
    read -ra as <<<"$word"
    is_refused "$user:unpriv_webapp_t:s0:c0" 'reason 2 errno 0'
done
logged 'allows this user with the rest to pid .*, user daemon, group'
verdict $? 'the log says for whom the file does not allow that' "$(<"$log")"
as=(user=tomcat)
hold_one "$user:unpriv_webapp_t:s0:c0"
is_user "$held" tomcat
kill -KILL "$pid"
gone "$pid" && gone "$held"
verdict $? 'no helper of another user survives the launcher'
exec {hold}>&-
as=()
set_boolean tomcat_launcher_switch_user 0
echo "allow staff_webapp_t s0 /" >>"$config"
does_not_start 'a launcher that is root leaves no helper its own user' 78 'would be what the launcher is, root' \
    as-service "$launcher" --config "$config"
start

# A server in a context of the administrator's choice. It is started from an init script, by a copy that is no launcher.
server=/usr/local/bin/server-test
cp /bin/cat "$server"
chcon -t tomcat_exec_t "$server"
starts_in() { # starts_in NAME STATUS WORDS CONTEXT: what the server says of itself, or why there is none
    local name=$1 expected=$2 words=$3 said
    said=$(
        set -o pipefail
        as-service /usr/local/bin/launcher-elsewhere --server-context "$4" -- "$server" /proc/self/attr/current \
            </dev/null 2>&1 | tr -d '\0'
    )
    status=$?
    [[ $status == "$expected" && $said == *"$words"* ]] && { ((expected == 0)) || [[ $said != "$user:"* ]]; }
    verdict $? "$name" "exit $status, expected $expected with \"$words\": $said"
}
starts_in 'a server starts in the domain that was asked for' 0 "$user:tomcat_t:" tomcat_t
if grep -q '^SELINUXTYPE=mls' /etc/selinux/config; then
    starts_in 'and at the range, where the policy has levels' 0 "$user:tomcat_t:s0-s3" tomcat_t:s0-s3
else
    starts_in 'and at the range, which is s0' 0 "$user:tomcat_t:s0" tomcat_t:s0
    starts_in 'at no other range where the policy has no levels' 77 'has categories, but no levels' tomcat_t:s0-s0:c0.c1023
fi
starts_in 'in no domain that the policy does not know' 77 'does not know it' no_such_t
starts_in 'in no domain that its file is no entry to' 77 'process transition, file entrypoint' unpriv_webapp_t
starts_in 'in no domain that the caller may not start' 77 'process transition, file entrypoint' tomcat_launcher_t
does_not_start 'a launcher starts no server' 77 'use a copy' \
    as-service "$launcher" --server-context tomcat_t -- "$server" /proc/self/attr/current
setenforce 0
starts_in 'none where SELinux is permissive' 69 'SELinux is permissive' tomcat_t
setenforce 1

# SELinux switched off under a running launcher.
setenforce 0
says 'no helper confines itself while SELinux is permissive' 2 'failed reason 3' "$user:unpriv_webapp_t:s0" "$root" cat common
setenforce 1
reads unpriv_webapp_t:s0 common
# Under a helper that has looked already who its client is, and waits a second for the frame.
for ((try = 0; try < 30; try++)); do
    coproc late { LAUNCHER_CLIENT_WAITS=1 as-service "$client" "$socket" "$user:unpriv_webapp_t:s0" "$root" cat common 2>&1; }
    exec {from}<&"${late[0]}" {to}>&"${late[1]}"
    read -r answer <&"$from"
    sleep 0.1
    echo -n 0 >/sys/fs/selinux/enforce # setenforce itself takes its time
    echo >&"$to"
    answer=$(cat <&"$from")
    echo -n 1 >/sys/fs/selinux/enforce
    exec {from}<&- {to}>&-
    [[ $answer == *closed* ]] || break
done
[[ $answer == *'failed reason 3'*'not enforcing any more'* ]]
verdict $? 'nor does one that a client has kept waiting since' "$answer"
# The other way round: whose domain was not looked at is not served once it counts.
for ((try = 0; try < 30; try++)); do
    echo -n 0 >/sys/fs/selinux/enforce
    coproc late { LAUNCHER_CLIENT_WAITS=1 as-service "$client" "$socket" "$user:unpriv_webapp_t:s0" "$root" cat common 2>&1; }
    exec {from}<&"${late[0]}" {to}>&"${late[1]}"
    read -r answer <&"$from"
    sleep 0.1
    echo -n 1 >/sys/fs/selinux/enforce
    echo >&"$to"
    answer=$(cat <&"$from")
    exec {from}<&- {to}>&-
    [[ $answer == *closed* ]] || break
done
[[ $answer == *'failed reason 3'*'was not enforcing when this client connected'* ]]
verdict $? 'nor is a client served that connected while SELinux was permissive' "$answer"

# Ends.
hold_one "$user:unpriv_webapp_t:s0:c0"
kill -SEGV "$held"
gone "$held" && logged "helper $held crashed: signal 11"
verdict $? 'a crash is logged' "$(<"$log")"
printf '      %s\n' "$(grep "helper $held " "$log")"
exec {hold}>&-
hold_one "$user:unpriv_webapp_t:s0:c0"
kill -KILL "$pid"
gone "$pid" && gone "$held"
verdict $? 'no confined helper survives the launcher'
exec {hold}>&-
start
reads unpriv_webapp_t:s0 common
kill -TERM "$pid"
gone "$pid" && [[ ! -e $socket ]]
verdict $? 'the launcher ends when told, and takes its socket along'

tally enforcing
