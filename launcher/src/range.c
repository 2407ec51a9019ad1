/* SPDX-License-Identifier: Apache-2.0 */
/* MLS ranges as the launcher's own file and a client's context write them: pure functions over memory. */
#include "range.h"

#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

static bool skip(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* A letter and a number below `limit`. The kernel knows names, not numbers: `c01` is not `c1` to it. */
static bool take_name(struct cursor *c, char letter, unsigned limit, unsigned *value)
{
    unsigned v = 0;

    if (!skip(c, letter))
        return false;
    const char *first = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        v = v * 10 + (unsigned)(*c->at++ - '0');
        if (v >= limit)
            return false;
    }
    if (c->at == first || (*first == '0' && c->at - first > 1))
        return false;
    *value = v;
    return true;
}

static bool take_categories(struct cursor *c, struct level *level)
{
    unsigned next = 0; /* the lowest that may still come */

    do {
        unsigned first = 0;
        if (!take_name(c, 'c', CATEGORIES, &first) || first < next)
            return false;
        unsigned last = first;
        if (skip(c, '.') && (!take_name(c, 'c', CATEGORIES, &last) || last <= first))
            return false;
        for (unsigned i = first; i <= last; i++)
            level->categories[i / 64] |= (uint64_t)1 << i % 64;
        next = last + 1;
    } while (skip(c, ','));
    return true;
}

static bool take_level(struct cursor *c, struct level *level)
{
    memset(level, 0, sizeof *level);
    if (!take_name(c, 's', SENSITIVITIES, &level->sensitivity))
        return false;
    return !skip(c, ':') || take_categories(c, level);
}

static bool dominates(const struct level *upper, const struct level *lower)
{
    for (size_t i = 0; i < sizeof lower->categories / sizeof lower->categories[0]; i++)
        if ((lower->categories[i] & ~upper->categories[i]) != 0)
            return false;
    return upper->sensitivity >= lower->sensitivity;
}

bool range_parse(const char *text, size_t length, struct range *range)
{
    struct cursor c = {.at = text, .end = text + length};

    if (!take_level(&c, &range->low))
        return false;
    if (skip(&c, '-')) {
        if (!take_level(&c, &range->high))
            return false;
    } else {
        range->high = range->low;
    }
    return c.at == c.end && dominates(&range->high, &range->low);
}

bool range_within(const struct range *inner, const struct range *outer)
{
    return dominates(&inner->low, &outer->low) && dominates(&outer->high, &inner->high);
}
