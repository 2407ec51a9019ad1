/* SPDX-License-Identifier: Apache-2.0 */
/* As whom, to Unix, a helper works: its user, its groups, and the few capabilities that it may be given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a helper is to become. All in numbers: names were resolved when the launcher started. */
struct identity {
    bool user;  /* another than the launcher's own */
    bool group; /* the same */
    uid_t uid;
    gid_t gid;
    const gid_t *groups; /* further ones */
    unsigned group_count;
    uint64_t capabilities;
};

/* Whether both make the same of a helper. */
bool identity_same(const struct identity *a, const struct identity *b);

/* Gives up everything but what this identity has, and asks the kernel whether that is so. Returns 0, or a
 * negative errno with *step set to what failed; then the process must end. Nothing that it does can be
 * undone.
 */
int identity_take(const struct identity *identity, pid_t parent, const char **step);
