/* SPDX-License-Identifier: Apache-2.0 */
/* What the log says of a helper that a signal ended. */
#include "obituary.h"

#include <string.h>

#include "format.h"
#include "log.h"

void obituary_context(const struct selinux *selinux, const siginfo_t *death,
                      char context[static CONTEXT_SIZE])
{
    int r = context_of(selinux, death->si_pid, context);

    if (r < 0 || context[0] == '\0')
        format(context, CONTEXT_SIZE, r < 0 ? "unknown" : "-");
}

void obituary_write(struct rations *rations, const siginfo_t *death, const char *context, int64_t now)
{
    char more[64] = "";
    unsigned left_out;

    if (!ration_take(rations, context, now, &left_out))
        return;
    if (left_out > 0)
        format(more, sizeof more, "; %u more like this were not logged", left_out);
    if (death->si_status == SIGALRM)
        log_line("helper %d: its time was up, context %s%s", death->si_pid, context, more);
    else
        log_line("helper %d crashed: signal %d (%s), context %s%s", death->si_pid, death->si_status,
                 strsignal(death->si_status), context, more);
}
