# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What else the kernel lets a confined thread do, and what it keeps from it.

compare "temporary files carry the label of whom they are for, and only these and the server remove them" \
"take=$alice: ok
$(ok temporary=kept)
take=$bob: ok" \
"$(jvm $alice temporary=kept -- $bob)"
kept=$(echo $base/temp/kept*)
check "the label is the tenant's and the category the user's" "system_u:object_r:unpriv_webapp_tmp_t:s0:c0" "$(stat -c %C "$kept")"
compare "nobody else reads or removes it" \
"take=$bob: ok
$(denied "read=$kept" "delete=$kept")
take=system_u:system_r:staff_webapp_thread_t:s0:c0: ok
$(denied "read=$kept" "delete=$kept")
read=$kept: text
delete=$kept: ok" \
"$(jvm $bob "read=$kept" "delete=$kept" -- system_u:system_r:staff_webapp_thread_t:s0:c0 "read=$kept" "delete=$kept" \
    -- - "read=$kept" "delete=$kept")"

# The jar is opened by whoever comes first, and stays open for all.
jar=/opt/tomcat/lib/annotations-api.jar!jakarta.annotation
compare "a jar that a confined thread opened serves the server and every other context" \
"take=$alice: ok
$(ok jar=$jar.Resource)
take=system_u:system_r:staff_webapp_thread_t:s0:c3: ok
$(ok jar=$jar.PostConstruct)
take=$bob: ok
$(ok jar=$jar.PreDestroy jar=$jar.Generated)" \
"$(jvm $alice jar=$jar.Resource -- system_u:system_r:staff_webapp_thread_t:s0:c3 jar=$jar.PostConstruct -- $bob jar=$jar.PreDestroy \
    -- - jar=$jar.Generated)"

logging=/opt/tomcat/bin/tomcat-juli.jar!org.apache.juli
compare "so does a jar of Tomcat's folder of programs, of which the server has read a part" \
"$(ok jar=$logging.DateFormatCache)
take=$alice: ok
$(ok jar=$logging.FileHandler)
$(ok jar=$logging.AsyncFileHandler)" \
"$(jvm - jar=$logging.DateFormatCache -- $alice jar=$logging.FileHandler -- - jar=$logging.AsyncFileHandler)"

# Where files are that no servlet may see; Unix permissions let all of them be read.
conf=/etc/tomcat-selinux/conf
code=/srv/tomcat/app/WEB-INF
work=$base/work
mkdir -p $code $work $base/logs /run/tomcat-selinux
echo secret >$conf
echo content >/srv/tomcat/app/served
cp /srv/tomcat/app/served /srv/tomcat/app/alices
echo code >$code/web.xml
echo log >$base/logs/log
chown -R tomcat:tomcat $work /srv/tomcat/app $base/logs
restorecon -R /etc/tomcat-selinux /srv/tomcat/app $base
chcon -t unpriv_webapp_content_t -l s0:c0 /srv/tomcat/app/alices
listening=/run/tomcat-selinux/launcher
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die $!; sleep 1000' $listening &
launcher=$!
perl "$here/network.pl" >$base/network &
network=$!
trap 'kill $launcher $network' EXIT
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
for ((i = 0; i < 600; i++)); do
    [[ -S $listening && -s $base/network ]] && break
    sleep 0.1
done
chmod 0666 $listening
chmod -R a+rX /etc/tomcat-selinux /run/tomcat-selinux
restorecon -R /run/tomcat-selinux

never=(read=/etc/shadow read=$conf {read,map}=/srv/tomcat/app/{served,alices} write=/srv/tomcat/app/new write=$code/new write=$work/new
    read=$base/logs/log unix=$listening listen=8080 open=8080)
for_booleans=(exec=/bin/true exec=/bin/sh open=5432 channel=5432)
compare "a thread opens neither content nor configuration nor the launcher's socket, writes no code, runs nothing, has no network" \
"take=$alice: ok
read=$code/web.xml: code
$(denied "${never[@]}" "${for_booleans[@]}")
resolve=db.example: java.net.UnknownHostException: db.example: Temporary failure in name resolution" \
"$(jvm $alice read=$code/web.xml "${never[@]}" "${for_booleans[@]}" resolve=db.example)"

setsebool unpriv_webapp_thread_connect_db on
compare "a boolean lets a tenant's servlets connect to databases; a connection belongs to its category, and to the server" \
"take=$alice: ok
resolve=db.example: 192.0.2.7
$(ok open=5432 use=5432 channel=5432)
$(denied "${never[@]}" exec=/bin/true)
take=$bob: ok
$(denied use=5432)
take=system_u:system_r:staff_webapp_thread_t:s0:c0: ok
$(denied use=5432 channel=5432)
use=5432: ok
open=5432: ok
take=$bob: ok
use=5432: ok" \
"$(jvm $alice resolve=db.example open=5432 use=5432 channel=5432 "${never[@]}" exec=/bin/true \
    -- $bob use=5432 -- system_u:system_r:staff_webapp_thread_t:s0:c0 use=5432 channel=5432 -- - use=5432 open=5432 -- $bob use=5432)"

compare "whoever waits on a channel is woken when a confined thread closes it" \
"take=$alice: ok
wake=5432: ok" \
"$(jvm $alice wake=5432)"
setsebool unpriv_webapp_thread_connect_db off

setsebool unpriv_webapp_thread_run_programs on
cp /bin/cat $data/alice/cat && chown tomcat: $data/alice/cat && chcon -t unpriv_webapp_data_t -l s0:c0 $data/alice/cat
compare "a boolean lets a tenant's servlets run programs of the system, which have the thread's context" \
"take=$alice: ok
exec=cat /proc/self/attr/current: $alice
exec=cat $data/alice/file: ALICE
$(denied "exec=cat $data/bob/file" exec=$data/alice/cat "${never[@]}" open=5432)
exec=cat /proc/self/attr/current: $server" \
"$(jvm $alice "exec=cat /proc/self/attr/current" "exec=cat $data/alice/file" "exec=cat $data/bob/file" exec=$data/alice/cat "${never[@]}" open=5432 \
    -- - "exec=cat /proc/self/attr/current")"
setsebool unpriv_webapp_thread_run_programs off
