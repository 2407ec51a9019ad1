/* SPDX-License-Identifier: Apache-2.0 */
/* The time that a helper has, after which the kernel kills it. */
#include "deadline.h"

#include <sys/time.h>
#include <unistd.h>

#include "ends.h"

void deadline_set(unsigned milliseconds)
{
    struct itimerval t = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_usec = (long)(milliseconds % 1000) * 1000}};

    /* SIGALRM kills: no code of ours has to run for a deadline to hold. */
    if (setitimer(ITIMER_REAL, &t, NULL) < 0)
        _exit(EXIT_FAILED);
}
