/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that nobody sets. */
#include "clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ns(void)
{
    struct timespec t;

    /* Not the libc's, which looks for it on pages that the launcher has given up. */
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}
