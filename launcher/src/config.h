/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's own file: who may connect, and what each may ask for. README.md describes the lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "accounts.h"
#include "peer.h"
#include "range.h"

enum {
    CONFIG_OCTETS_MAX = 65536,
    CONFIG_CLIENTS_MAX = 32,
    CONFIG_RULES_MAX = 512,
    CONFIG_ACCOUNTS_MAX = 512, /* users, and as many groups, of all lines */
};

/* Some of the users or groups of the file, one behind the other. */
struct choice {
    unsigned first;
    unsigned count;
    bool own; /* the launcher's own may be kept */
};

/* One line `allow`. */
struct rule {
    unsigned client; /* whose it is: an index */
    unsigned line;
    const char *context; /* TYPE or USER:ROLE:TYPE */
    struct range range;
    const char *root;
    struct choice users;
    struct choice groups;
    uint64_t capabilities; /* which of them may be asked for */
    bool write;
};

/* Of fixed size, filled before the first fork, and never written to again. */
struct config {
    const char *path;
    unsigned client_count;
    unsigned rule_count;
    unsigned user_count;
    unsigned group_count;
    uint64_t capabilities; /* of all lines */
    struct client clients[CONFIG_CLIENTS_MAX];
    uid_t min_uids[CONFIG_CLIENTS_MAX]; /* of each client */
    struct rule rules[CONFIG_RULES_MAX];
    struct account users[CONFIG_ACCOUNTS_MAX];
    struct group_account groups[CONFIG_ACCOUNTS_MAX];
    char text[CONFIG_OCTETS_MAX + 1]; /* the file; names and roots point into it */
};

/* Is told of each thing that is wrong in a file. Line 0 is the file as a whole. */
typedef void config_report(void *context, unsigned line, const char *word, const char *expected);

/* Takes the first `length` octets of c->text apart, in place. True when nothing was reported. */
bool config_parse(struct config *c, size_t length, config_report *report, void *context);

/* True when a line lets a helper be somebody else than the launcher, or have a capability. */
bool config_switches(const struct config *c);

/* The first line that leaves a helper the launcher's own user, or 0. */
unsigned config_keeps_own_user(const struct config *c);
