# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A confined thread lives, in a JVM that goes on working: under a policy with categories, and under one with levels.

server=system_u:system_r:tomcat_t:s0
ranges=(s0 s0:c0,c5)
if [[ $(sed -n 's/^SELINUXTYPE=//p' /etc/selinux/config) == mls ]]; then
    server+=-s15:c0.c1023
    ranges+=(s3:c0)
fi
alice=$thread:s0:c0
bob=$thread:s0:c1

compare "without its boolean the server gives no thread a context" "take=$alice: DENIED" "$(jvm $alice context)"
setsebool tomcat_confine_threads on

compare "a thread takes its context and keeps it, and what it starts has it too; the server's own stay as they were" \
"take=$alice: ok
context: $alice
take=$server: DENIED
take=$bob: DENIED
take=$thread:s0: DENIED
take=system_u:system_r:staff_webapp_thread_t:s0:c0: DENIED
context: $alice
thread: $alice
context: $server" \
"$(jvm $alice context take=$server take=$bob take=$thread:s0 take=system_u:system_r:staff_webapp_thread_t:s0:c0 context thread -- - context)"

compare "what cannot be taken is refused, and says why" \
"take=system_u:system_r:nosuch_webapp_thread_t:s0: UNKNOWN_CONTEXT
take=$thread:s0:c4000: UNKNOWN_CONTEXT
take=system_u:system_r:init_t:s0: DENIED
take=system_u:system_r:unpriv_webapp_t:s0: DENIED
take=$thread:s0:c1,c0: NOT_TAKEN" \
"$(jvm system_u:system_r:nosuch_webapp_thread_t:s0 read=/ -- $thread:s0:c4000 read=/ -- system_u:system_r:init_t:s0 read=/ \
    -- system_u:system_r:unpriv_webapp_t:s0 read=/ -- $thread:s0:c1,c0 read=/)"

# Everything that the machine does for an application, in each twin; the classes are loaded late, by whoever comes first.
works=(jit collect lambdas reflection overflow crypto locale self class=java.sql.Timestamp class=java.util.zip.GZIPInputStream)
sections=() expected=
for domain in {base,unpriv,staff,anon}_webapp_thread_t; do
    for range in "${ranges[@]}"; do
        context=system_u:system_r:$domain:$range
        sections+=("$context" thread "${works[@]}" --)
        expected+=$(ok "take=$context" && echo "thread: $context" && ok "${works[@]}")$'\n'
    done
done
compare "a JVM works in each twin and category" "$expected$(ok "${works[@]}")" "$(jvm "${sections[@]}" - "${works[@]}")"

compare "a thread has its own data, and nobody else's" \
"take=$alice: ok
read=$data/alice/file: ALICE
$(ok map=$data/alice/file write=$data/alice/written upload=$data/alice)
thread-read=$data/alice/file: ALICE
$(denied {read,map,thread-read}=$data/bob/file write=$data/bob/written read=$data/staff/file)
take=$bob: ok
$(denied {read,write}=$data/alice/file)
read=$data/bob/file: BOB
read=$data/alice/written: written" \
"$(jvm $alice {read,map}=$data/alice/file write=$data/alice/written upload=$data/alice thread-read=$data/alice/file \
    {read,map,thread-read}=$data/bob/file write=$data/bob/written read=$data/staff/file \
    -- $bob {read,write}=$data/alice/file read=$data/bob/file -- - read=$data/alice/written)"
check "what it writes has its label" "system_u:object_r:unpriv_webapp_data_t:s0:c0" \
    "$(stat -c %C $data/alice/{written,upload*} | sort -u)"
