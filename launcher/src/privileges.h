/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities and the like: given up once by the launcher, so that every helper is born without them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Gives up every capability but these, in every set. Returns 0 or a negative errno. */
int privileges_drop(uint64_t keep);

/* True when this process may empty its bounding set as well, and lock its secure bits. Who may not has
 * nothing there that could be used. */
bool privileges_complete(void);

/* Looks whether all of that, and privileges_no_new(), is in force: NULL, or the name of the first that is
 * not. `complete`: what privileges_complete() said before. */
const char *privileges_missing(uint64_t keep, bool complete);

/* Gives up what exec could give, for ever. Returns 0 or a negative errno. */
int privileges_no_new(void);
