/* SPDX-License-Identifier: Apache-2.0 */
/* What a folder holds in all roots together. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "roots.h"

/* Returns 0, or a negative errno to end the walk. */
typedef int listing_entry(void *context, const char *name, size_t length, const struct found *found);

/*
 * Calls `entry` for every name that may be read, once: the first root that has a name gives what it stands
 * for, and hides it when it may not be read. `found` says whether there is a list at all: found->error is set
 * before the first entry, or there is none. Returns 0, or a negative errno when the list cannot be finished.
 */
int listing_walk(const struct roots *roots, const char *path, struct found *found, listing_entry *entry,
                 void *context);
