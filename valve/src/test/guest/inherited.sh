# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Threads that a confined thread starts without knowing it, and whether a domain is fit for threads at all.

inherited="$alice [request in $alice]"
compare "what a thread starts without knowing it inherits its context: it is found once, with its request" \
"take=$alice: ok
exercise: ok
inherited: $inherited \"CompletableFutureDelayScheduler\"; $inherited \"ForkJoinPool.commonPool-worker-N\"; $(for _ in 1 2 3; do
    echo -n "$inherited \"Thread-N\"; "
done)$inherited \"Thread-N\"
inherited: ok" \
"$(jvm $alice exercise -- - inherited inherited)"
compare "nothing is inherited where the server has started the JVM's pools" \
"pools: ok
take=$alice: ok
exercise: ok
inherited: ok" \
"$(jvm - pools -- $alice exercise -- - inherited)"

setsebool unpriv_webapp_thread_run_programs on
compare "what has threads of its own for each who uses it is inherited all the same, and found" \
"pools: ok
take=$alice: ok
client: ok
cleaner: ok
exec=true: ok
inherited: $inherited \"Cleaner-N\"; $inherited \"HttpClient-N-SelectorManager\"; $inherited \"process reaper\"" \
"$(jvm - pools -- $alice client cleaner exec=true -- - inherited)"
setsebool unpriv_webapp_thread_run_programs off

# unfit DOMAIN WHY: what the trial says of a domain.
unfit() {
    echo "trial=system_u:system_r:$1_webapp_t:s0:c0: no thread can live in [system_u:system_r:$1_webapp_thread_t:s0:c0]: $2"
}
# missing RULE CONSEQUENCE TYPE STATEMENT: what it says of a rule that is not there, and how to mend it.
missing() {
    echo "missing: allow $1 (no rule allows it); without it $2. Mend it with: printf '%s\\n' '$4' >local_$3.cil && semodule -i local_$3.cil"
}
tried=()
for domain in unpriv nosched nofd nosignal loose nosuch staff; do
    tried+=("trial=system_u:system_r:${domain}_webapp_t:s0:c0")
done
compare "a trial tells a domain in which threads can live from one that lacks what a JVM does not survive without, and harms nobody" \
"trial=system_u:system_r:unpriv_webapp_t:s0:c0: ok
$(unfit nosched "$(missing "nosched_webapp_thread_t self:process getsched" "the JVM ends when such a thread starts another" \
    nosched_webapp_thread_t "(allow nosched_webapp_thread_t self (process (getsched)))")")
$(unfit nofd "$(missing "tomcat_t nofd_webapp_thread_t:fd use" "a library that one thread opened is missing to the others" \
    nofd_webapp_thread_t "(allow tomcat_t nofd_webapp_thread_t (fd (use)))")")
$(unfit nosignal "$(missing "nosignal_webapp_thread_t tomcat_t:process signal" "a thread that waits for a channel is not woken when another closes it" \
    nosignal_webapp_thread_t "(allow nosignal_webapp_thread_t tomcat_t (process (signal)))")")
$(unfit loose "context [system_u:system_r:loose_webapp_thread_t:s0:c0]: the kernel refused it (Operation not permitted); is loose_webapp_thread_t bounded by tomcat_t? Mend it with: printf '%s\\n' '(typebounds tomcat_t loose_webapp_thread_t)' >local_loose_webapp_thread_t_bounds.cil && semodule -i local_loose_webapp_thread_t_bounds.cil")
$(unfit nosuch "the loaded policy does not know it: a domain for threads belongs to each webapp domain")
trial=system_u:system_r:staff_webapp_t:s0:c0: ok
$(ok "${works[@]}")" \
"$(jvm - "${tried[@]}" "${works[@]}")"

# Without the trial.
check_like "a thread without getsched ends the JVM" "*the JVM ended with *" "$(jvm system_u:system_r:nosched_webapp_thread_t:s0 thread)"
compare "a jar that a thread opened whose descriptors are its own is missing to the server" \
"take=system_u:system_r:nofd_webapp_thread_t:s0: ok
$(ok jar=$jar.Resource)
jar=$jar.PreDestroy: denied" \
"$(jvm system_u:system_r:nofd_webapp_thread_t:s0 jar=$jar.Resource -- - jar=$jar.PreDestroy | sed 's/: java.lang.ClassNotFoundException.*/: denied/')"
check_like "a thread without signal does not wake whoever waits" "*wake=5432: denied" \
    "$(jvm system_u:system_r:nosignal_webapp_thread_t:s0 wake=5432)"
