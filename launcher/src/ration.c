/* SPDX-License-Identifier: Apache-2.0 */
/* How many lines of one kind may be logged: so many at once, and then the log is left to others for a while.
 */
#include "ration.h"

/* FNV-1a: whoever finds two names with the same number makes them share a ration, no more. */
static unsigned hash(const char *name)
{
    uint32_t h = 2166136261U;

    for (; *name != '\0'; name++)
        h = (h ^ (uint8_t)*name) * 16777619U;
    return h;
}

bool ration_take(struct rations *rations, const char *name, int64_t now, unsigned *left_out)
{
    struct ration *r = &rations->of[hash(name) % RATION_KEYS];

    if (r->lines == 0 || now - r->since >= RATION_NS) {
        r->since = now;
        r->lines = 0;
    }
    if (r->lines == RATION_LINES) {
        r->left_out++;
        return false;
    }
    r->lines++;
    *left_out = r->left_out;
    r->left_out = 0;
    return true;
}
