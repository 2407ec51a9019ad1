/* SPDX-License-Identifier: Apache-2.0 */
/* A helper and its client: who it is, the one frame that is read before the confinement, and whether it may
 * ask for that. */
#pragma once

#include "confine.h"
#include "helper.h"
#include "identity.h"
#include "peer.h"

/* Tells the launcher, and wakes it where many have told it something that it has not read: `news` is the pid
 * that it knows of who has a client now, or minus that of who waits again. Ends the process when that fails.
 */
void meet_tell(const struct setting *s, pid_t news);

/* Waits for a client, and from then on has CONFINE_DEADLINE_MS until it is confined. Returns the connection.
 * `self` is whom the launcher knows. Whoever may not connect is cut off without a word, and logged. */
int meet_client(const struct setting *s, pid_t self, struct peer *peer);

/* Reads CONFINE, and not an octet more. What is wrong in it is FAILED. */
void meet_frame(const struct setting *s, int connection, struct confine *asked);

/* Whether this client may ask for that, and whether the kernel is still what it was: otherwise FAILED. */
void meet_permission(const struct setting *s, int connection, const struct peer *peer,
                     const struct confine *asked, struct identity *identity);
