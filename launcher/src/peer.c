/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, as the kernel says. */
#include "peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "context.h"

int peer_check(int connection, const struct peer_policy *policy, struct peer *peer)
{
    struct ucred credentials;
    socklen_t length = sizeof credentials;

    peer->context[0] = '\0';
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
        return -errno;
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    if (peer->uid != policy->uid)
        return PEER_WRONG_UID;

    if (policy->domain == NULL)
        return 0;
    length = sizeof peer->context - 1;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERSEC, peer->context, &length) < 0)
        return -errno;
    peer->context[length] = '\0';
    return context_type_is(peer->context, strlen(peer->context), policy->domain) ? 0 : PEER_WRONG_DOMAIN;
}
