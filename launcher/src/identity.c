/* SPDX-License-Identifier: Apache-2.0 */
/* As whom, to Unix, a helper works: its user, its groups, and the few capabilities that it may be given. */
#include "identity.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capability.h"
#include "filter.h"

enum {
    GROUPS_READ_MAX = 256,
};

bool identity_same(const struct identity *a, const struct identity *b)
{
    bool same = a->user == b->user && a->group == b->group && a->uid == b->uid && a->gid == b->gid &&
                a->capabilities == b->capabilities && a->group_count == b->group_count;

    for (unsigned i = 0; same && i < a->group_count; i++)
        same = a->groups[i] == b->groups[i];
    return same;
}

/* The kernel is asked directly: a libc would look for threads to tell. */
static int become(const struct identity *i, const char **step)
{
    long r = 0;

    *step = "setgroups";
    if (i->group)
        r = filter_identity_call(SYS_setgroups, (long)i->group_count, (long)i->groups, 0);
    if (r == 0 && i->group) {
        *step = "setresgid";
        r = filter_identity_call(SYS_setresgid, i->gid, i->gid, i->gid);
    }
    if (r == 0 && i->user) {
        *step = "setresuid";
        r = filter_identity_call(SYS_setresuid, i->uid, i->uid, i->uid);
    }
    filter_forget_identity();
    return (int)r;
}

/* Another user's process could be looked into by him, and outlives its parent, unless told otherwise again.
 */
static int stay_closed(pid_t parent, const char **step)
{
    *step = "not dumpable";
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    *step = "death with the launcher";
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return -errno;
    return getppid() == parent ? 0 : -ESRCH;
}

static bool is_user(const struct identity *i)
{
    uid_t id[3];

    if (syscall(SYS_getresuid, &id[0], &id[1], &id[2]) < 0)
        return false;
    return id[0] != 0 && id[1] == id[0] && id[2] == id[0] && (!i->user || id[0] == i->uid);
}

static bool is_group(const struct identity *i)
{
    gid_t id[3];

    if (syscall(SYS_getresgid, &id[0], &id[1], &id[2]) < 0)
        return false;
    return id[0] != 0 && id[1] == id[0] && id[2] == id[0] && (!i->group || id[0] == i->gid);
}

static bool among(gid_t gid, const gid_t *groups, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

static bool has_groups(const struct identity *i)
{
    gid_t groups[GROUPS_READ_MAX];

    long count = syscall(SYS_getgroups, GROUPS_READ_MAX, groups);
    if (count < 0 || (i->group && count != (long)i->group_count))
        return false;
    for (unsigned k = 0; k < (unsigned)count; k++)
        if (groups[k] == 0 || (i->group && !among(groups[k], i->groups, i->group_count)))
            return false;
    return true;
}

static bool has_capabilities(const struct identity *i)
{
    uint64_t permitted;
    uint64_t all;

    return capability_get(&permitted, &all) == 0 && permitted == i->capabilities && all == i->capabilities;
}

/* Believes nothing of what was done, only what the kernel says now. */
static int verify(const struct identity *i, const char **step)
{
    const char *differs = !is_user(i)            ? "the user ids differ, or are root's"
                          : !is_group(i)         ? "the group ids differ, or are root's"
                          : !has_groups(i)       ? "the further groups differ, or root's is among them"
                          : !has_capabilities(i) ? "the capabilities differ"
                          : prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ? "the process is dumpable"
                                                                    : NULL;

    if (differs == NULL)
        return 0;
    *step = differs;
    return -EPERM;
}

int identity_take(const struct identity *identity, pid_t parent, const char **step)
{
    int r = become(identity, step);

    if (r == 0) {
        *step = "capset";
        r = capability_set(identity->capabilities);
    }
    if (r == 0 && identity->user)
        r = stay_closed(parent, step);
    return r == 0 ? verify(identity, step) : r;
}
