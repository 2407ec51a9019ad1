/* SPDX-License-Identifier: Apache-2.0 */
/* The capabilities that a helper can be given, by name. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The bit of CAP_CHOWN and the like; 0 for a name that no file may allow. */
uint64_t capability_of(const char *name, size_t length);

/* Sets the effective and the permitted set to exactly these, and empties the inheritable one. Returns 0 or a
 * negative errno. */
int capability_set(uint64_t capabilities);

/* What is in the permitted set, and what in any of the three. Returns 0 or a negative errno. */
int capability_get(uint64_t *permitted, uint64_t *all);
