/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the machine a helper may use. */
#pragma once

#include <stdbool.h>

#include "confine.h"

/* Sets what every helper inherits. Files alone have a bound to the memory and to the length of a file that
 * are their launcher's own: what a program needs is for its administrator to say. Returns 0 or a negative
 * errno. */
int limits_inherit(unsigned open_files, bool programs);

/* Sets what a helper that serves files is born with and cannot inherit: its launcher lives longer than any
 * processor time that would mean something to a helper. Returns 0 or a negative errno. */
int limits_born(void);

/* Lowers them to what a frame asks for; never raises one. Returns 0 or a negative errno when the kernel does
 * not say that this is in force. */
int limits_lower(const struct confine_limits *asked);
