/* SPDX-License-Identifier: Apache-2.0 */
/* Between launcher and program: a process in the launcher's domain that holds the deadline and leaves nothing
 * behind. */
#pragma once

#include <stdint.h>

#include "cgroup.h"
#include "helper.h"

/* What a relay knows of the process above it. */
struct supervised {
    pid_t supervisor;
    int ear;             /* where to tell it of the client; not to be closed before that */
    struct cgroup group; /* the relay's own */
};

/*
 * Forks the relay, ahead of any client, and returns in it instead. This process stays behind: when the relay
 * ends, the connection breaks, the deadline has passed or the launcher is gone, it kills everything that
 * descends from it, and ends as the relay did. Where the relay has ended in order and nobody is left, it
 * forks the next one instead. It has no capability but the one to kill; where that is less than it was born
 * with, there is no next one.
 */
void supervise(const struct setting *setting, struct supervised *self);

/* To be called by the relay when it knows what its client asks for, `deadline` milliseconds (0: none). Until
 * now both had one table of descriptors, so these two are in it. Ends the process when that fails. */
void supervise_tell(const struct supervised *self, int connection, int own_context, unsigned deadline);
