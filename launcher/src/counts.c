/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the helpers, in numbers. */
#include "counts.h"

#include "ends.h"
#include "format.h"

void counts_served(struct counts *c)
{
    c->served++;
}

void counts_death(struct counts *c, const siginfo_t *death)
{
    if (death->si_code != CLD_EXITED) {
        /* The timers of helpers kill by this signal. */
        (*(death->si_status == SIGALRM ? &c->late : &c->crashed))++;
        return;
    }
    switch (death->si_status) {
    case EXIT_SERVED:
        c->served++;
        break;
    case EXIT_GONE:
        c->gone++;
        break;
    case EXIT_STRANGER:
        c->strangers++;
        break;
    case EXIT_LATE:
        c->late++;
        break;
    case EXIT_BAD_FRAME:
        c->bad_frames++;
        break;
    case EXIT_CRASHED:
        c->crashed++;
        break;
    default:
        c->refused++;
        break;
    }
}

size_t counts_text(const struct counts *c, unsigned waiting, unsigned at_work, char *out, size_t size)
{
    return format(
        out, size,
        "%u helpers wait, %u at work; of %u forked: %u served, %u refused, %u met a stranger, %u ran out of "
        "time, %u lost their client, %u got a bad frame, %u crashed, %u died unused",
        waiting, at_work, c->forked, c->served, c->refused, c->strangers, c->late, c->gone, c->bad_frames,
        c->crashed, c->unused);
}
