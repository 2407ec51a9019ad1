/* SPDX-License-Identifier: Apache-2.0 */
/* From the frame to the reply that says what is in force: the confinement, step by step, and the one place
 * where a context is applied. */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deadline.h"
#include "domains.h"
#include "ends.h"
#include "fail.h"
#include "landlock.h"
#include "log.h"
#include "mount.h"
#include "protocol.h"
#include "rlimits.h"
#include "serve.h"
#include "wire.h"

/* Where the descriptors go that a helper keeps while it confines itself; the connection is all that is left
 * of them then. They are closed from behind. */
enum {
    PROC = 2,
    OWN_CONTEXT = 3,
    BEHIND = 4,
};

/* The root's own path, for programs. */
static char root_folder[PATH_OCTETS_MAX + 1];
/* What the kernel said when it was asked. */
static char taken[CONTEXT_SIZE];

const char *enter_folder(void)
{
    return root_folder;
}

const char *enter_context(void)
{
    return taken;
}

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

/* Programs have no such rules, which would outlast an exec. */
static int make_rules(const struct setting *s)
{
    if (s->landlock < 1 || s->way != PROTOCOL_WAY_FILES)
        return -1;
    int rules = landlock_rules(s->landlock);
    if (rules < 0) {
        log_line("Landlock: %s", strerror(-rules));
        _exit(EXIT_FAILED);
    }
    return rules;
}

struct ready enter_prepare(const struct setting *s)
{
    int rules = make_rules(s);

    return (struct ready){.self = getpid(), .more = rules, .even_more = -1, .own_context = open_own(s)};
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

/* The one place where a context is applied. */
static void take_context(const struct setting *s, const struct text *context)
{
    bool own = context_type_is(context->octets, context->length, LAUNCHER_DOMAIN);
    for (unsigned i = 0; i < s->client_count; i++)
        own = own || context_type_is(context->octets, context->length, s->clients[i].domain);
    if (own)
        fail(CONNECTION, FAILED_NOT_ALLOWED, 0,
             "context %.*s: the launcher's or its client's own domain confines nothing", (int)context->length,
             context->octets);
    int r = context_take(PROC, OWN_CONTEXT, context->octets, context->length, taken);
    if (r != 0)
        fail_context(CONNECTION, r, context, taken);
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

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, UINT_MAX, 0) < 0)
        _exit(EXIT_FAILED);
}

/* Writes the reply over the frame, of which nothing is needed any more, and returns its size. */
static size_t confined(const struct ready *ready, uint8_t *frame, uint32_t measures, const char *context)
{
    struct writer w = {.start = frame, .size = SERVE_MEMORY};

    frame_begin(&w, REPLY_CONFINED);
    put_u32(&w, (uint32_t)ready->self);
    put_u32(&w, measures);
    put_string(&w, context, strlen(context));
    return frame_end(&w);
}

/* It was only asked whether it can be what it is now. */
static _Noreturn void leave(const struct ready *ready, uint8_t *frame, uint32_t measures, const char *context)
{
    size_t size = confined(ready, frame, measures, context);

    wire_write(CONNECTION, frame, size, false);
    _exit(0);
}

/* Returns the measures that are in force by it. */
static uint32_t take_limits(const struct confine_limits *asked, bool memory_counted)
{
    struct confine_limits wanted = *asked;
    const struct confine_limits *limits = &wanted;

    if (limits->memory == 0 && limits->cpu_time == 0 && limits->file_size == 0 && limits->open_files == 0)
        return limits->processes == 0 ? 0 : MEASURE_LIMITS;
    if (memory_counted)
        wanted.memory = 0;
    int r = limits_lower(limits);
    if (r < 0)
        fail(CONNECTION, FAILED_OTHER, -r, "the limits cannot be set: %s", strerror(-r));
    return MEASURE_LIMITS;
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

/* Closes all but the connection and what is still needed. */
static void keep(const struct setting *s, int connection, const struct ready *ready)
{
    unsigned first = CONNECTION + 1;

    move(connection, CONNECTION);
    if (ready->more >= 0) {
        move(ready->more, MORE);
        first = MORE + 1;
    }
    if (ready->own_context >= 0) {
        move(s->selinux.proc, PROC);
        move(ready->own_context, OWN_CONTEXT);
        first = OWN_CONTEXT + 1;
    }
    if (ready->even_more >= 0) {
        move(ready->even_more, BEHIND);
        first = BEHIND + 1;
    }
    close_from(first);
}

/* What was needed to take the context is closed. */
static void leave_open(const struct ready *ready)
{
    unsigned first = ready->more >= 0 ? MORE + 1 : CONNECTION + 1;

    if (ready->even_more >= 0) {
        move(BEHIND, EVEN_MORE);
        first = EVEN_MORE + 1;
    }
    close_from(first);
}

size_t enter(const struct setting *s, int connection, const struct ready *ready, struct confine *asked,
             const struct identity *identity, struct root *only, struct roots *roots)
{
    uint32_t measures = s->measures;

    /* Now: what a context's own domain may do to its connection is read and write. */
    int r = wire_set_timeout(connection, asked->progress_timeout);
    if (r < 0)
        fail(connection, FAILED_OTHER, -r, "the progress timeout cannot be set");
    keep(s, connection, ready);
    measures |= take_limits(&asked->limits, ready->even_more >= 0);
    measures |= take_identity(s, identity, s->way == PROTOCOL_WAY_PROGRAMS ? getppid() : s->launcher);
    if (s->selinux.present) {
        take_context(s, &asked->context);
        measures |= MEASURE_CONTEXT;
    }
    if (s->selinux.present || ready->even_more >= 0)
        leave_open(ready);

    if (asked->roots.count == 0)
        leave(ready, s->memory, measures, taken);
    if (s->way == PROTOCOL_WAY_PROGRAMS)
        keep_folder(asked->roots);
    open_roots(asked->roots, only, roots);
    if (!roots_writable(roots))
        *s->change_secret = 0;
    roots->selinux = s->selinux.present;
    if (s->way == PROTOCOL_WAY_PROGRAMS) {
        /* The supervisor has a longer patience than this process. */
        deadline_set(0);
    } else {
        if (ready->more >= 0) {
            r = landlock_confine(s->landlock, MORE, roots);
            if (r < 0)
                fail(CONNECTION, FAILED_OTHER, -r, "Landlock: %s", strerror(-r));
            measures |= MEASURE_LANDLOCK;
        }
        deadline_set(asked->total_timeout);
    }
    return confined(ready, s->memory, measures, taken);
}
