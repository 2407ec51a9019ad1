/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, limits and the like: given up once by the launcher, so that every helper is born without
 * them. */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    OPEN_FILES_MAX = 64, /* the launcher has about ten, a helper at most sixteen handles and a folder */
};

static int set_limits(void)
{
    static const struct {
        int what;
        rlim_t value;
    } limits[] = {
        {RLIMIT_CORE, 0}, /* a core would hold what one person may read, in the launcher's folder */
        {RLIMIT_NOFILE, OPEN_FILES_MAX},
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

static int capabilities(struct __user_cap_data_struct data[static 2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

    return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

static bool holds(const struct __user_cap_data_struct data[static 2], unsigned capability)
{
    return (data[capability / 32].effective >> (capability % 32) & 1) != 0;
}

int privileges_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    static const struct __user_cap_data_struct none[2];

    int r = set_limits();
    if (r < 0)
        return r;
    r = capabilities(data);
    if (r < 0)
        return r;
    /* Who may not touch the bounding set has nothing in it that could be used: no-new-privileges sees to
     * that. */
    if (holds(data, CAP_SETPCAP)) {
        if (prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0) < 0)
            return -errno;
        for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
            if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
                return -errno;
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    if (syscall(SYS_capset, &header, none) < 0)
        return -errno;
    /* Neither a core nor a debugger of the same user, for the launcher and every helper. */
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

int privileges_no_new(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int privileges_none_left(void)
{
    struct __user_cap_data_struct data[2] = {0};

    int r = capabilities(data);
    if (r < 0)
        return r;
    uint32_t left = 0;
    for (int i = 0; i < 2; i++)
        left |= data[i].effective | data[i].permitted | data[i].inheritable;
    return left == 0;
}
