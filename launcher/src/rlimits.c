/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the machine a helper may use. */
#include "rlimits.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer reserves most of the address space for itself. */
#define MEMORY RLIM_INFINITY
#else
#define MEMORY ((rlim_t)256 << 20)
#endif
#define FILE_SIZE ((rlim_t)16 << 30)
#define CPU_TIME  ((rlim_t)3600)

/* The kernel is asked for this process alone: that is all that the system-call filter lets through. */
static int limit(int what, const struct rlimit *new, struct rlimit *old)
{
    return syscall(SYS_prlimit64, 0, what, new, old) < 0 ? -errno : 0;
}

/* Soft and hard alike, so that nobody can raise it again; where it is lower already it stays so. */
static int lower(int what, rlim_t value)
{
    struct rlimit now;

    int r = limit(what, NULL, &now);
    if (r < 0)
        return r;
    const struct rlimit l = {.rlim_cur = value < now.rlim_max ? value : now.rlim_max,
                             .rlim_max = value < now.rlim_max ? value : now.rlim_max};
    r = limit(what, &l, NULL);
    if (r == 0)
        r = limit(what, NULL, &now);
    if (r < 0)
        return r;
    return now.rlim_cur == l.rlim_cur && now.rlim_max == l.rlim_max ? 0 : -EPERM;
}

int limits_inherit(unsigned open_files, bool programs)
{
    int r = lower(RLIMIT_CORE, 0); /* a core would hold what one person may read, in the launcher's folder */

    if (r == 0)
        r = lower(RLIMIT_NOFILE, open_files);
    if (r == 0)
        r = lower(RLIMIT_MEMLOCK, 0);
    /* Where nobody dies of it, writing past it is an error that can be answered. */
    if (r == 0 && !programs && signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        r = -errno;
    if (r == 0 && !programs)
        r = lower(RLIMIT_FSIZE, FILE_SIZE);
    if (r == 0 && !programs)
        r = lower(RLIMIT_AS, MEMORY);
    return r;
}

int limits_born(void)
{
    static const struct rlimit l = {.rlim_cur = CPU_TIME, .rlim_max = CPU_TIME};
    int r = limit(RLIMIT_CPU, &l, NULL);

    /* It was lower already. */
    return r == -EPERM ? 0 : r;
}

int limits_lower(const struct confine_limits *asked)
{
    const struct {
        int what;
        rlim_t value;
    } limits[] = {
        {RLIMIT_AS, asked->memory},
        {RLIMIT_CPU, asked->cpu_time},
        {RLIMIT_FSIZE, asked->file_size},
        {RLIMIT_NOFILE, asked->open_files},
    };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int r = limits[i].value == 0 ? 0 : lower(limits[i].what, limits[i].value);
        if (r < 0)
            return r;
    }
    return 0;
}
