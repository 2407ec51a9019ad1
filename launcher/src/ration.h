/* SPDX-License-Identifier: Apache-2.0 */
/* How many lines of one kind may be logged: so many at once, and then the log is left to others for a while.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    RATION_LINES = 5,
    RATION_KEYS = 64,
};
#define RATION_NS INT64_C(10000000000)

struct ration {
    int64_t since;
    unsigned lines;
    unsigned left_out;
};

/* Rations by name. Two names may share one; whoever has many names has no more than all of these. */
struct rations {
    struct ration of[RATION_KEYS];
};

/* True when a line about `name` may be written at `now`; then *left_out says how many were not since the last
 * one.
 */
bool ration_take(struct rations *r, const char *name, int64_t now, unsigned *left_out);
