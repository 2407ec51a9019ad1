/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the table that was made of the launcher's own file. */
#pragma once

#include "config.h"
#include "confine.h"
#include "identity.h"
#include "peer.h"

/* Documented refusals: how far the best line goes. */
enum refusal {
    ALLOW_WRONG_CONTEXT = 1,
    ALLOW_WRONG_RANGE = 2, /* the domain is allowed, but not at this range */
    ALLOW_WRONG_ROOT = 3,  /* the domain at this range is allowed, but not here */
    ALLOW_WRONG_WRITE = 4, /* that with this root is allowed, but only to read; and so on */
    ALLOW_WRONG_USER = 5,
    ALLOW_WRONG_GROUP = 6,
    ALLOW_WRONG_CAPABILITY = 7,
};

/* What a line would have to allow, for a message. */
extern const char *const allow_refusals[];

/* Returns 0 when one line allows this client all that a frame asks for together with that root (or NULL,
 * without any), *identity set then to what the helper is to become; else the refusal. */
int allow_root(const struct config *c, const struct peer *peer, const struct confine *asked,
               const struct confine_root *root, struct identity *identity);
