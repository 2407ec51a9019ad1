/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a helper: born idle, one client, confined, serving, gone. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "config.h"
#include "context.h"
#include "peer.h"
#include "ration.h"

enum { LAUNCHERS_DESCRIPTORS = 32 }; /* from here on they are of no use to a helper */

/* What supervisors have in common with the launcher, and nobody else has. */
struct common {
    struct rations rations; /* of crashes in the log */
    atomic_bool crowded;    /* the launcher's word: more wait for a client than it wants */
};

/* What a helper is born with; never changes after start. */
struct setting {
    struct selinux selinux;
    const struct client
        *clients; /* who may connect; their domain is asked for while the kernel is enforcing */
    unsigned client_count;
    const struct config *config; /* the launcher's own file, which names these clients; NULL for none */
    uint8_t *memory;             /* SERVE_MEMORY octets, on the page that a helper's stack begins on */
    uint64_t *change_secret; /* just before: goes with calls that change files; a helper that has only roots
                                to read wipes it */
    struct common *common;
    struct cgroups cgroups;
    int listener;
    int busy; /* a helper writes its pid here as soon as it has a client, a supervisor minus its own when it
                 waits for the next one ... */
    int low;  /* ... and here, which wakes the launcher, when as many octets as `low_mark` are unread there */
    int low_mark;
    pid_t launcher;
    int landlock;
    uint32_t measures;  /* those that a helper is born with */
    uint16_t way;       /* what the helpers of this launcher are for */
    bool not_enforcing; /* go on where SELinux is disabled or permissive */
    bool switching;     /* helpers may become other users, or keep capabilities */
    bool own_domain;    /* the launcher is in its own domain */
};

_Noreturn void helper_run(const struct setting *setting);
