/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, as the kernel says. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct client {
    uid_t uid;
    const char *domain; /* SELinux type */
};

struct peer_policy {
    const struct client *clients; /* who is welcome */
    unsigned count;
    bool domains; /* false where the kernel's answer cannot or need not be asked for */
};

enum {
    PEER_WRONG_UID = 1,
    PEER_WRONG_DOMAIN = 2,
};

struct peer {
    pid_t pid;
    uid_t uid;
    const char *context; /* empty unless a domain was asked for */
};

/* True when the peer is that client, as far as was asked. */
bool peer_is(const struct peer *peer, const struct client *client);

/* Returns 0 for a welcome peer, PEER_WRONG_UID, PEER_WRONG_DOMAIN, or a negative errno: whom nobody can name
 * is refused. */
int peer_check(int connection, const struct peer_policy *policy, struct peer *peer);
