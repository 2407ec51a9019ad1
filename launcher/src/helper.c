/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a helper: born idle, one client, confined, serving, gone. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "allow.h"
#include "confine.h"
#include "domains.h"
#include "ends.h"
#include "format.h"
#include "identity.h"
#include "landlock.h"
#include "log.h"
#include "mount.h"
#include "protocol.h"
#include "relay.h"
#include "rlimits.h"
#include "serve.h"
#include "session.h"
#include "states.h"
#include "supervise.h"
#include "wire.h"

/* Where the descriptors go that a helper keeps while it confines itself; the first is all that is left of
 * them then. */
enum {
    CONNECTION = 0,
    PROC = 1,
    OWN_CONTEXT = 2,
    EVENTS = 3, /* of a program's cgroup; takes the second place when the two before it are closed */
};

/* Of a program with all that it starts, where the frame does not say. */
enum { PROCESSES_DEFAULT = 256 };

/* The root's own path, for programs. */
static char root_folder[PATH_OCTETS_MAX + 1];

/* Tells why, and ends: no caller has to remember that an unconfined helper must not go on. */
__attribute__((format(printf, 4, 5))) static _Noreturn void fail(int connection, enum failed_reason reason,
                                                                 int error, const char *format, ...)
{
    uint8_t reply[FRAME_HEADER + 6 + 2400];
    char message[2400];
    struct writer w = {.start = reply, .size = sizeof reply};
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    frame_begin(&w, REPLY_FAILED);
    put_u16(&w, reason);
    put_u16(&w, (uint16_t)error);
    put_string(&w, message, length);
    size_t size = frame_end(&w);
    if (size > 0)
        wire_write(connection, reply, size, false);
    _exit(EXIT_FAILED);
}

static void set_deadline(unsigned milliseconds)
{
    struct itimerval t = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_usec = (long)(milliseconds % 1000) * 1000}};

    /* SIGALRM kills: no code of ours has to run for a deadline to hold. */
    if (setitimer(ITIMER_REAL, &t, NULL) < 0)
        _exit(EXIT_FAILED);
}

/* The descriptor for context_take(), or -1 without SELinux. */
static int open_own(const struct setting *s)
{
    if (!s->selinux.present)
        return -1;
    int own = context_open_own(&s->selinux);
    if (own < 0) {
        log_line("/proc/thread-self/attr/current: cannot be opened for writing: %s", strerror(-own));
        _exit(EXIT_FAILED);
    }
    return own;
}

/* Everything that can be done before there is a client. Where programs are run this returns in a relay, which
 * another process supervises. Returns the descriptor for context_take(), or -1. */
static int prepare(const struct setting *s, struct supervised *relay)
{
    /* The first call asks the kernel, the second sees whether the launcher was gone before that. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != s->launcher)
        _exit(EXIT_GONE);
    if (s->way == PROTOCOL_WAY_FILES && limits_born() < 0) {
        log_line("the limit to processor time cannot be set");
        _exit(EXIT_FAILED);
    }
    /* The page that the answer will need: now there is time for its fault. */
    if (s->way == PROTOCOL_WAY_FILES)
        session_touch();
    else
        supervise(s, relay);
    return open_own(s);
}

/*
 * The launcher is woken by deaths, of which there is one for each request anyway. Only when many helpers have
 * a client and none has died does one of them wake it.
 */
static void say_busy(const struct setting *s, pid_t self)
{
    static const uint64_t one = 1;
    int unread = 0;

    if (write(s->busy, &self, sizeof self) != sizeof self || ioctl(s->busy, FIONREAD, &unread) < 0)
        _exit(EXIT_FAILED);
    if (unread >= s->low_mark && write(s->low, &one, sizeof one) != sizeof one)
        _exit(EXIT_FAILED);
}

static int accept_client(const struct setting *s, pid_t self)
{
    for (;;) {
        int connection = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0) {
            set_deadline(CONFINE_DEADLINE_MS);
            say_busy(s, self);
            return connection;
        }
        if (errno != EINTR && errno != ECONNABORTED && errno != EAGAIN) {
            log_line("accept: %s", strerror(errno));
            _exit(EXIT_FAILED);
        }
    }
}

/* Without a file there is one client, and the command line to be looked at. */
static void log_stranger(const struct setting *s, int r, const struct peer *peer)
{
    if (r < 0)
        log_line("refused a client: the kernel does not say who it is: %s", strerror(-r));
    else if (s->config != NULL && r == PEER_WRONG_UID)
        log_line("refused a client: pid %d has uid %u, which no client in %s has", peer->pid, peer->uid,
                 s->config->path);
    else if (s->config != NULL)
        log_line("refused a client: pid %d has uid %u and context %s, which no client in %s has", peer->pid,
                 peer->uid, peer->context, s->config->path);
    else if (r == PEER_WRONG_UID)
        log_line("refused a client: pid %d has uid %u, expected %u (--client-uid)", peer->pid, peer->uid,
                 s->clients[0].uid);
    else
        log_line("refused a client: pid %d has context %s, expected type %s (--client-domain)", peer->pid,
                 peer->context, s->clients[0].domain);
}

static void check_peer(const struct setting *s, int connection, struct peer *peer)
{
    /* A state that cannot be told counts as enforcing. Permissive got here by --not-enforcing only, or is
     * refused once the frame is here. */
    const struct peer_policy policy = {
        .clients = s->clients,
        .count = s->client_count,
        .domains = s->selinux.present && context_enforcing(&s->selinux) != 0,
    };

    int r = peer_check(connection, &policy, peer);
    if (r == 0)
        return;
    log_stranger(s, r, peer);
    _exit(EXIT_STRANGER);
}

/* Reads the one frame that comes before the confinement, and not an octet more. */
static void read_confine(const struct setting *s, int connection, struct confine *asked)
{
    uint8_t *frame = s->memory;
    const char *why = "";

    if (wire_read(connection, frame, FRAME_HEADER) != 0)
        _exit(EXIT_GONE);
    struct header header = header_parse(frame);
    if (header.type != REQUEST_CONFINE)
        _exit(EXIT_BAD_FRAME);
    if (!state_allows(STATE_NEW, &header))
        fail(connection, FAILED_MALFORMED, 0,
             "the header of CONFINE: longer than %d octets, or its zero field is not 0", FRAME_MAX_CONFINE);
    if (wire_read(connection, frame + FRAME_HEADER, header.length) != 0)
        _exit(EXIT_GONE);
    int reason = confine_parse(frame + FRAME_HEADER, header.length, asked, &why);
    if (reason != 0)
        fail(connection, (enum failed_reason)reason, 0, "%s", why);
    if (asked->way != s->way)
        fail(connection, FAILED_NOT_ALLOWED, 0,
             "way %u: the helpers of this launcher know way %u only (--way)", asked->way, s->way);
}

static void check_root_allowed(const struct setting *s, int connection, const struct peer *peer,
                               const struct confine *asked, const struct confine_root *root,
                               struct identity *identity)
{
    int r = allow_root(s->config, peer, asked, root, identity);
    if (r == 0)
        return;
    const char *what = allow_refusals[r];
    int context_length = (int)asked->context.length;
    const char *folder = root == NULL ? "-" : root->folder.octets;
    int folder_length = root == NULL ? 1 : (int)root->folder.length;
    int user_length = (int)asked->user.length;
    int group_length = (int)asked->group.length;
    log_line("refused request %.*s: no line of %s allows %s to pid %d, uid %u: context %.*s, root %.*s, user "
             "%.*s, group %.*s",
             (int)asked->request_id.length, asked->request_id.octets, s->config->path, what, peer->pid,
             peer->uid, context_length, asked->context.octets, folder_length, folder, user_length,
             asked->user.octets, group_length, asked->group.octets);
    fail(connection, FAILED_NOT_ALLOWED, 0,
         "no line of the launcher's file allows %s to this client: context %.*s, root %.*s, user %.*s, group "
         "%.*s",
         what, context_length, asked->context.octets, folder_length, folder, user_length, asked->user.octets,
         group_length, asked->group.octets);
}

/* The launcher's own file decides what this client may ask for, whatever the client decided. Without one
 * there is nobody who could have allowed another identity. */
static void check_allowed(const struct setting *s, int connection, const struct peer *peer,
                          const struct confine *asked, struct identity *identity)
{
    struct confine_list roots = asked->roots;
    struct confine_root root;

    if (s->config == NULL) {
        if (asked->user.length > 0 || asked->group.length > 0 || asked->capabilities.count > 0)
            fail(connection, FAILED_NOT_ALLOWED, 0,
                 "user, group and capabilities are for a launcher with a file of its own (--config) that "
                 "allows them");
        return;
    }
    if (roots.count == 0)
        check_root_allowed(s, connection, peer, asked, NULL, identity);
    for (bool first = true; confine_next_root(&roots, &root); first = false) {
        struct identity before = *identity;
        check_root_allowed(s, connection, peer, asked, &root, identity);
        /* One number may be that of several accounts, and the lines may name one each. */
        if (!first && !identity_same(&before, identity))
            fail(connection, FAILED_NOT_ALLOWED, 0,
                 "the lines of the launcher's file that allow these roots make user %.*s, group %.*s "
                 "different "
                 "accounts",
                 (int)asked->user.length, asked->user.octets, (int)asked->group.length, asked->group.octets);
    }
}

/* SELinux may have been switched since the launcher started, or while the client took its time. */
static void check_kernel(const struct setting *s, int connection, const struct peer *peer)
{
    int enforcing = context_enforcing(&s->selinux);

    if (enforcing < 0)
        fail(connection, FAILED_CONTEXT, -enforcing, "cannot tell whether SELinux is enforcing: %s",
             strerror(-enforcing));
    if (!enforcing && !s->not_enforcing)
        fail(connection, FAILED_CONTEXT, 0, "SELinux is not enforcing any more (setenforce 1)");
    if (enforcing && !s->own_domain)
        fail(connection, FAILED_CONTEXT, 0,
             "SELinux has become enforcing, and the launcher is not in %s: restart it there",
             LAUNCHER_DOMAIN);
    if (enforcing && peer->context[0] == '\0')
        fail(connection, FAILED_CONTEXT, 0,
             "SELinux was not enforcing when this client connected, so its domain was not looked at: connect "
             "again");
}

static _Noreturn void fail_context(int connection, int r, const struct text *context, const char *now)
{
    int length = (int)context->length;
    const char *name = context->octets;

    switch (r) {
    case CONTEXT_UNKNOWN:
        fail(connection, FAILED_CONTEXT, EINVAL, "context %.*s: the loaded policy does not know it", length,
             name);
    case CONTEXT_DENIED:
        fail(connection, FAILED_CONTEXT, EACCES,
             "context %.*s: the policy does not let %s enter it (process dyntransition; ausearch -m "
             "avc,selinux_err)",
             length, name, LAUNCHER_DOMAIN);
    case CONTEXT_BOUNDED:
        fail(connection, FAILED_CONTEXT, EPERM,
             "context %.*s: not bounded by the launcher's own, and the helper has threads", length, name);
    case CONTEXT_DIFFERS:
        fail(connection, FAILED_CONTEXT, 0, "context %.*s: the kernel says %s instead", length, name, now);
    default:
        fail(connection, FAILED_CONTEXT, -r, "context %.*s: %s", length, name, strerror(-r));
    }
}

/* The one place where a context is applied. Returns what the kernel said then. */
static const char *take_context(const struct setting *s, const struct text *context)
{
    static char now[CONTEXT_SIZE];

    bool own = context_type_is(context->octets, context->length, LAUNCHER_DOMAIN);
    for (unsigned i = 0; i < s->client_count; i++)
        own = own || context_type_is(context->octets, context->length, s->clients[i].domain);
    if (own)
        fail(CONNECTION, FAILED_NOT_ALLOWED, 0,
             "context %.*s: the launcher's or its client's own domain confines nothing", (int)context->length,
             context->octets);
    int r = context_take(PROC, OWN_CONTEXT, context->octets, context->length, now);
    if (r != 0)
        fail_context(CONNECTION, r, context, now);
    return now;
}

static void open_roots(struct confine_list asked, struct root *only, struct roots *roots)
{
    struct confine_root failed;

    int error = mount_roots(asked, only, roots, &failed);
    if (error == ELOOP)
        fail(CONNECTION, FAILED_ROOT, error,
             "root %s: a symbolic link is on the way to it: name it by its real path", failed.folder.octets);
    if (error == EACCES)
        fail(CONNECTION, FAILED_ROOT, error,
             "root %s: not reachable for this context, or for this Unix user (ausearch -m avc, namei -l)",
             failed.folder.octets);
    if (error != 0)
        fail(CONNECTION, FAILED_ROOT, error, "root %s: %s", failed.folder.octets, strerror(error));
}

static void keep_folder(struct confine_list asked)
{
    struct confine_root root;

    if (asked.count != 1 || !confine_next_root(&asked, &root) || root.mount.length > 0 ||
        (root.flags & PROTOCOL_ROOT_ARCHIVE) != 0)
        fail(CONNECTION, FAILED_NOT_ALLOWED, 0, "programs are run out of one folder, mounted nowhere");
    memcpy(root_folder, root.folder.octets, root.folder.length);
}

static void move(int from, int to)
{
    if (from != to && dup3(from, to, O_CLOEXEC) < 0)
        _exit(EXIT_FAILED);
}

static void close_range_of(unsigned first, unsigned last)
{
    if (first <= last && syscall(SYS_close_range, first, last, 0) < 0)
        _exit(EXIT_FAILED);
}

/* All but those that have their place now. */
static void close_others(const struct setting *s, int events)
{
    unsigned kept = s->selinux.present ? OWN_CONTEXT : CONNECTION;

    close_range_of(kept + 1, events < 0 ? UINT_MAX : EVENTS - 1);
    if (events >= 0)
        close_range_of(EVENTS + 1, UINT_MAX);
}

/* All but the connection, and for programs what tells of their number. */
static void close_last(int events)
{
    if (events >= 0)
        move(EVENTS, CONNECTION + 1);
    close_range_of(events < 0 ? CONNECTION + 1 : CONNECTION + 2, UINT_MAX);
}

/* Writes the reply over the frame, of which nothing is needed any more, and returns its size. */
static size_t confined(uint8_t *frame, uint32_t measures, const char *context)
{
    struct writer w = {.start = frame, .size = SERVE_MEMORY};

    frame_begin(&w, REPLY_CONFINED);
    put_u32(&w, (uint32_t)getpid());
    put_u32(&w, measures);
    put_string(&w, context, strlen(context));
    return frame_end(&w);
}

/* It was only asked whether it can be what it is now. */
static _Noreturn void leave(uint8_t *frame, uint32_t measures, const char *context)
{
    size_t size = confined(frame, measures, context);

    wire_write(CONNECTION, frame, size, false);
    _exit(0);
}

/* Returns the measures that are in force by it. */
static uint32_t take_limits(const struct confine_limits *limits)
{
    if (limits->memory == 0 && limits->cpu_time == 0 && limits->file_size == 0 && limits->open_files == 0)
        return limits->processes == 0 ? 0 : MEASURE_LIMITS;
    int r = limits_lower(limits);
    if (r < 0)
        fail(CONNECTION, FAILED_OTHER, -r, "the limits cannot be set: %s", strerror(-r));
    return MEASURE_LIMITS;
}

/* Returns a descriptor that says whether the limit was reached, or -1 where nobody counts. */
static int limit_processes(const struct setting *s, int connection, const struct supervised *relay,
                           unsigned processes)
{
    if (s->cgroups.tree < 0 && processes == 0)
        return -1;
    if (s->cgroups.tree < 0)
        fail(connection, FAILED_NOT_ALLOWED, 0,
             "a limit to processes: only a launcher that is a service counts them (--cgroup)");
    int events = cgroup_limit(&relay->group, processes == 0 ? PROCESSES_DEFAULT : processes);
    if (events < 0)
        fail(connection, FAILED_OTHER, -events, "the limit to processes cannot be set: %s",
             strerror(-events));
    return events;
}

static uint32_t take_identity(const struct setting *s, const struct identity *identity, pid_t parent)
{
    const char *step = "";

    if (!s->switching)
        return 0;
    int r = identity_take(identity, parent, &step);
    if (r < 0)
        fail(CONNECTION, FAILED_IDENTITY, -r, "user %u, group %u: %s: %s", identity->uid, identity->gid, step,
             strerror(-r));
    return MEASURE_NO_CAPABILITIES | (identity->user || identity->group ? MEASURE_IDENTITY : 0U);
}

/*
 * From the frame to the reply that says what is in force. Capabilities, no-new-privileges, limits and the
 * system-call filter are older than this process: the launcher sees to them before its first fork, where they
 * cost nothing here.
 */
static void confine(const struct setting *s, int connection, int own, int events, struct confine *asked,
                    const struct identity *identity, struct root *only, struct roots *roots, size_t *queued)
{
    const char *now = "";
    uint32_t measures = s->measures;

    int r = wire_set_timeout(connection, asked->progress_timeout);
    if (r < 0)
        fail(connection, FAILED_OTHER, -r, "the progress timeout cannot be set");

    move(connection, CONNECTION);
    if (s->selinux.present) {
        move(s->selinux.proc, PROC);
        move(own, OWN_CONTEXT);
    }
    if (events >= 0)
        move(events, EVENTS);
    close_others(s, events);
    measures |= take_limits(&asked->limits);
    measures |= take_identity(s, identity, s->way == PROTOCOL_WAY_PROGRAMS ? getppid() : s->launcher);
    if (s->selinux.present) {
        now = take_context(s, &asked->context);
        measures |= MEASURE_CONTEXT;
    }
    if (s->selinux.present || events >= 0)
        close_last(events);

    if (asked->roots.count == 0)
        leave(s->memory, measures, now);
    if (s->way == PROTOCOL_WAY_PROGRAMS)
        keep_folder(asked->roots);
    open_roots(asked->roots, only, roots);
    if (!roots_writable(roots))
        *s->change_secret = 0;
    roots->selinux = s->selinux.present;
    if (s->way == PROTOCOL_WAY_PROGRAMS) {
        /* The supervisor has a longer patience than this process. */
        set_deadline(0);
    } else {
        r = landlock_confine(s->landlock, roots);
        if (r < 0)
            fail(CONNECTION, FAILED_OTHER, -r, "Landlock: %s", strerror(-r));
        if (r == 0)
            measures |= MEASURE_LANDLOCK;
        set_deadline(asked->total_timeout);
    }
    *queued = confined(s->memory, measures, now);
}

void helper_run(const struct setting *s)
{
    struct confine asked;
    struct identity identity = {0};
    struct peer peer;
    struct root only;
    struct roots roots;
    struct supervised relay = {.supervisor = 0};

    int own = prepare(s, &relay);
    int connection = accept_client(s, s->way == PROTOCOL_WAY_PROGRAMS ? relay.supervisor : getpid());
    check_peer(s, connection, &peer);
    read_confine(s, connection, &asked);
    check_allowed(s, connection, &peer, &asked, &identity);
    check_kernel(s, connection, &peer);
    if (s->way == PROTOCOL_WAY_PROGRAMS)
        supervise_tell(&relay, connection, asked.total_timeout);
    int events =
        s->way == PROTOCOL_WAY_FILES ? -1 : limit_processes(s, connection, &relay, asked.limits.processes);
    size_t queued = 0;
    confine(s, connection, own, events, &asked, &identity, &only, &roots, &queued);
    if (s->way == PROTOCOL_WAY_PROGRAMS)
        relay_serve(&(struct relay_setting){.connection = CONNECTION,
                                            .root = only.folder,
                                            .folder = root_folder,
                                            .deadline = asked.total_timeout,
                                            .silence = asked.progress_timeout,
                                            .events = events < 0 ? -1 : CONNECTION + 1},
                    s->memory, queued);
    serve(CONNECTION, &roots, s->memory, queued);
}
