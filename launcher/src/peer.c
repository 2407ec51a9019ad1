/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, as the kernel says. */
#include "peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "context.h"

bool peer_is(const struct peer *peer, const struct client *client)
{
    if (peer->uid != client->uid)
        return false;
    return peer->context[0] == '\0' || context_type_is(peer->context, strlen(peer->context), client->domain);
}

static bool welcome(const struct peer *peer, const struct peer_policy *policy)
{
    for (unsigned i = 0; i < policy->count; i++)
        if (peer_is(peer, &policy->clients[i]))
            return true;
    return false;
}

int peer_check(int connection, const struct peer_policy *policy, struct peer *peer)
{
    static char context[1025]; /* a page that nobody touches unless asked for a domain */
    struct ucred credentials;
    socklen_t length = sizeof credentials;

    peer->context = "";
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
        return -errno;
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    if (!welcome(peer, policy))
        return PEER_WRONG_UID;

    if (!policy->domains)
        return 0;
    length = sizeof context - 1;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERSEC, context, &length) < 0)
        return -errno;
    context[length] = '\0';
    peer->context = context;
    /* An empty answer would pass for one that was not asked for. */
    if (peer->context[0] == '\0')
        return -EPROTO;
    return welcome(peer, policy) ? 0 : PEER_WRONG_DOMAIN;
}
