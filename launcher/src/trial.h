/* SPDX-License-Identifier: Apache-2.0 */
/* Whether something may be read or written to, without doing it: what LOCK and PROPFIND ask. */
#pragma once

#include <stdint.h>

#include "roots.h"

/* `what` is of ACCESS_. Sets found->error, ->refused and ->root: of the first that may not. */
void trial_run(const struct roots *roots, const char *path, uint16_t what, struct found *found);
