/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's own file: who may connect, and what each may ask for. README.md describes the lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "frame.h"
#include "peer.h"
#include "range.h"

enum {
    CONFIG_OCTETS_MAX = 65536,
    CONFIG_CLIENTS_MAX = 32,
    CONFIG_RULES_MAX = 512,
};

/* One line `allow`. */
struct rule {
    unsigned client; /* whose it is: an index */
    const char *type;
    struct range range;
    const char *root;
};

/* Of fixed size, filled before the first fork, and never written to again. */
struct config {
    const char *path;
    unsigned client_count;
    unsigned rule_count;
    struct client clients[CONFIG_CLIENTS_MAX];
    struct rule rules[CONFIG_RULES_MAX];
    char text[CONFIG_OCTETS_MAX + 1]; /* the file; names and roots point into it */
};

/* Documented refusals: how far the best line goes. */
enum {
    CONFIG_WRONG_TYPE = 1,
    CONFIG_WRONG_RANGE = 2, /* the type is allowed, but not at this range */
    CONFIG_WRONG_ROOT = 3,  /* the type at this range is allowed, but not here */
};

/* Is told of each thing that is wrong in a file. Line 0 is the file as a whole. */
typedef void config_report(void *context, unsigned line, const char *word, const char *expected);

/* Takes the first `length` octets of c->text apart, in place. True when nothing was reported. */
bool config_parse(struct config *c, size_t length, config_report *report, void *context);

/* Reads the file into memory that can only be read afterwards. Returns 0, or -1 after having logged all that
 * is wrong. */
int config_load(const char *path, const struct config **config);

/* Returns 0 when a line allows this client that context with that root folder, else the refusal. */
int config_allows(const struct config *c, const struct peer *peer, const struct text *context,
                  const struct text *folder);
