/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities and the like: given up once by the launcher, so that every helper is born without them. */
#pragma once

#include <stdint.h>

/* Gives up every capability but these, in every set. Returns 0 or a negative errno. */
int privileges_drop(uint64_t keep);

/* Gives up what exec could give, for ever. Returns 0 or a negative errno. */
int privileges_no_new(void);
