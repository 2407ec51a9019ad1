/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, limits and the like: given up once by the launcher, so that every helper is born without
 * them. */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_limits(rlim_t open_files)
{
    const struct {
        int what;
        rlim_t value;
    } limits[] = {
        {RLIMIT_CORE, 0}, /* a core would hold what one person may read, in the launcher's folder */
        {RLIMIT_NOFILE, open_files},
        {RLIMIT_MEMLOCK, 0},
    };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit l = {.rlim_cur = limits[i].value, .rlim_max = limits[i].value};
        struct rlimit old;
        if (getrlimit(limits[i].what, &old) < 0)
            return -errno;
        if (old.rlim_max < l.rlim_max)
            l.rlim_cur = l.rlim_max = old.rlim_max;
        if (setrlimit(limits[i].what, &l) < 0)
            return -errno;
    }
    return 0;
}

int privileges_no_capabilities(void)
{
    static const struct __user_cap_data_struct none[2];
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

    return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

/* Who may not touch the bounding set has nothing in it that could be used: no-new-privileges sees to that. */
static int permitted(int r)
{
    return r < 0 && errno != EPERM ? -errno : 0;
}

static int empty_bounding_set(void)
{
    int r = permitted(prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0));

    for (int c = 0; r == 0 && prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
        r = permitted(prctl(PR_CAPBSET_DROP, c, 0, 0, 0));
    return r;
}

int privileges_drop(unsigned open_files)
{
    int r = set_limits(open_files);

    if (r == 0)
        r = empty_bounding_set();
    if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        r = -errno;
    if (r == 0)
        r = privileges_no_capabilities();
    /* Neither a core nor a debugger of the same user, for the launcher and every helper. */
    if (r == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        r = -errno;
    return r;
}

int privileges_no_new(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
