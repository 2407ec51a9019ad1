/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups of this machine: names become numbers at start, never in a helper. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    ACCOUNT_GROUPS_MAX = 32, /* of which one user may be a member, beside his own */
};

/* A user as the launcher's own file names him, and what the machine says of him. */
struct account {
    const char *name; /* or a number */
    uid_t uid;
    gid_t gid; /* his own group */
    unsigned group_count;
    gid_t groups[ACCOUNT_GROUPS_MAX];
};

struct group_account {
    const char *name; /* or a number */
    gid_t gid;
};

/* The text of /etc/passwd or /etc/group. */
struct account_file {
    const char *octets;
    size_t length;
};

/*
 * Each fills in the numbers. The files are read as they are: no directory service, no cache daemon and no
 * library is asked. Returns NULL, or what was expected instead: an existing account, and never root's user or
 * group, not even among the further groups.
 */
const char *accounts_find_user(const struct account_file *passwd, const struct account_file *group,
                               uid_t min_uid, struct account *user);
const char *accounts_find_group(const struct account_file *group, struct group_account *account);

/* True when text that a frame brings means this name or number. */
bool accounts_is(const char *name, unsigned number, const char *text, size_t length);

/* True for `root` and every spelling of 0. */
bool accounts_is_root(const char *text, size_t length);
