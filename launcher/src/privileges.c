/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities and the like: given up once by the launcher, so that every helper is born without them. */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "capability.h"

/* Who may not touch the bounding set has nothing in it that could be used: no-new-privileges sees to that. */
static int tolerated(int r)
{
    return r < 0 && errno != EPERM ? -errno : 0;
}

static int empty_bounding_set(void)
{
    int r = tolerated(prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0));

    for (int c = 0; r == 0 && prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
        r = tolerated(prctl(PR_CAPBSET_DROP, c, 0, 0, 0));
    return r;
}

bool privileges_complete(void)
{
    uint64_t permitted;
    uint64_t all;

    return capability_get(&permitted, &all) < 0 || (permitted & UINT64_C(1) << CAP_SETPCAP) != 0;
}

int privileges_drop(uint64_t keep)
{
    int r = empty_bounding_set();

    if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        r = -errno;
    if (r == 0)
        r = capability_set(keep);
    /* Neither a core nor a debugger of the same user, for the launcher and every helper. */
    if (r == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        r = -errno;
    return r;
}

int privileges_no_new(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static bool only_these(uint64_t keep)
{
    uint64_t permitted;
    uint64_t all;

    return capability_get(&permitted, &all) == 0 && permitted == keep && all == keep;
}

static bool bounding_set_empty(void)
{
    int set = 0;

    for (int c = 0; (set = prctl(PR_CAPBSET_READ, c, 0, 0, 0)) >= 0; c++)
        if (set != 0)
            return false;
    return true;
}

const char *privileges_missing(uint64_t keep, bool complete)
{
    if (complete && prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != (SECURE_ALL_BITS | SECURE_ALL_LOCKS))
        return "the secure bits";
    if (complete && !bounding_set_empty())
        return "the empty bounding set";
    if (!only_these(keep))
        return "the absence of capabilities";
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return "being not dumpable";
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? NULL : "no-new-privileges";
}
