/* SPDX-License-Identifier: Apache-2.0 */
/* What the log says of a helper that a signal ended. */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "context.h"
#include "ration.h"

/* The context of a dead process that is not reaped yet: until then the kernel knows it, and nobody else has
 * its number. */
void obituary_context(const struct selinux *selinux, const siginfo_t *death,
                      char context[static CONTEXT_SIZE]);

/* One line, unless there have been many for this context: whoever makes helpers crash does not fill the log.
 */
void obituary_write(struct rations *rations, const siginfo_t *death, const char *context, int64_t now);
