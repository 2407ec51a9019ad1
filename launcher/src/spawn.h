/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher at work: keeps helpers waiting ahead of need, buries the dead, ends when told. */
#pragma once

#include "helper.h"

struct household {
    unsigned idle; /* helpers that should wait for a client */
    unsigned max;  /* helpers in all */
    int busy;      /* read end of the pipe on which helpers say that they have a client */
    int signals;   /* signalfd */
    int watch;     /* end when this descriptor does; -1 for none */
};

/* The signals that supervision waits for, blocked from here on in this process and its children. Returns a
 * signalfd or -errno. */
int spawn_signals(void);

/* Returns 0 when told to end. The helpers are dead then, or die with this process. */
int spawn_supervise(const struct household *h, const struct setting *setting);
