/* SPDX-License-Identifier: Apache-2.0 */
/* MLS ranges as the launcher's own file and a client's context write them: pure functions over memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SENSITIVITIES = 256,
    CATEGORIES = 1024,
};

struct level {
    unsigned sensitivity;
    uint64_t categories[CATEGORIES / 64];
};

struct range {
    struct level low;
    struct level high;
};

/*
 * Takes `s0`, `s0:c1,c5.c9` or two of them with `-` in between, numbers without leading zeros, categories in
 * ascending order, each once. False for everything else, for what lies above the limits, and for a high level
 * that does not dominate the low one.
 */
bool range_parse(const char *text, size_t length, struct range *range);

/* True when the low level of `inner` dominates that of `outer`, whose high level dominates that of `inner`.
 */
bool range_within(const struct range *inner, const struct range *outer);
