/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a helper: born idle, one client, confined, serving, gone. */
#include "helper.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "confine.h"
#include "deadline.h"
#include "ends.h"
#include "enter.h"
#include "fail.h"
#include "identity.h"
#include "log.h"
#include "meet.h"
#include "protocol.h"
#include "relay.h"
#include "rlimits.h"
#include "serve.h"
#include "session.h"
#include "supervise.h"

/* The first call asks the kernel, the second sees whether the launcher was gone before that. */
static void die_with_launcher(const struct setting *s)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != s->launcher)
        _exit(EXIT_GONE);
}

static _Noreturn void run_files(const struct setting *s)
{
    struct confine asked;
    struct identity identity = {0};
    struct peer peer;
    struct root only;
    struct roots roots;

    if (limits_born() < 0) {
        log_line("the limit to processor time cannot be set");
        _exit(EXIT_FAILED);
    }
    /* The page that the answer will need: now there is time for its fault. */
    session_touch();
    struct ready ready = enter_prepare(s);
    /* The launcher's standard input, too: accept() takes the first place that is free. */
    if (close(CONNECTION) < 0 || syscall(SYS_close_range, LAUNCHERS_DESCRIPTORS, UINT_MAX, 0) < 0)
        _exit(EXIT_FAILED);
    int connection = meet_client(s, ready.self, &peer);
    meet_frame(s, connection, &asked);
    meet_permission(s, connection, &peer, &asked, &identity);
    size_t queued = enter(s, connection, &ready, &asked, &identity, &only, &roots);
    serve(CONNECTION, &roots, s->memory, queued);
}

/* Of a program with all that it starts, where the frame does not say. */
enum { PROCESSES_DEFAULT = 256 };

/* Where there are cgroups they count the memory, too: what is used, by all together, and what is killed for
 * it can be told. Otherwise each process has a bound to its addresses, and is told that there are no more. */
static struct cgroup_events limit(const struct setting *s, int connection, const struct supervised *relay,
                                  const struct confine_limits *asked)
{
    struct cgroup_events events = {.processes = -1, .memory = -1};
    unsigned processes = asked->processes == 0 ? PROCESSES_DEFAULT : asked->processes;

    if (s->cgroups.tree < 0 && asked->processes == 0)
        return events;
    if (s->cgroups.tree < 0)
        fail(connection, FAILED_NOT_ALLOWED, 0,
             "a limit to processes: only a launcher that is a service counts them (--cgroup)");
    int r = cgroup_limit(&relay->group, processes, asked->memory, &events);
    if (r < 0)
        fail(connection, FAILED_OTHER, -r, "the limits to processes and memory cannot be set: %s",
             strerror(-r));
    return events;
}

static _Noreturn void run_programs(const struct setting *s)
{
    struct confine asked;
    struct identity identity = {0};
    struct peer peer;
    struct root only;
    struct roots roots;
    struct supervised relay = {.supervisor = 0};

    /* From here on this is a relay, which another process supervises. */
    supervise(s, &relay);
    struct ready ready = enter_prepare(s);
    int connection = meet_client(s, relay.supervisor, &peer);
    meet_frame(s, connection, &asked);
    meet_permission(s, connection, &peer, &asked, &identity);
    supervise_tell(&relay, connection, ready.own_context, asked.total_timeout);
    struct cgroup_events events = limit(s, connection, &relay, &asked.limits);
    ready.more = events.processes;
    ready.even_more = events.memory;
    size_t queued = enter(s, connection, &ready, &asked, &identity, &only, &roots);
    relay_serve(&(struct relay_setting){.connection = CONNECTION,
                                        .root = only.folder,
                                        .folder = enter_folder(),
                                        .context = enter_context(),
                                        .deadline = asked.total_timeout,
                                        .silence = asked.progress_timeout,
                                        .events = {.processes = events.processes < 0 ? -1 : MORE,
                                                   .memory = events.memory < 0 ? -1 : EVEN_MORE}},
                s->memory, queued);
}

void helper_run(const struct setting *s)
{
    die_with_launcher(s);
    if (s->way == PROTOCOL_WAY_PROGRAMS)
        run_programs(s);
    run_files(s);
}
