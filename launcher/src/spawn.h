/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher at work: keeps helpers waiting ahead of need, buries the dead, ends when told. */
#pragma once

#include "helper.h"
#include "service.h"

struct household {
    unsigned idle; /* helpers that should wait for a client */
    unsigned max;  /* helpers in all */
    int busy;      /* read end of the pipe on which helpers say that they have a client */
    int low;       /* eventfd: many have said so since the pipe was last read */
    int deaths;    /* signalfd: SIGCHLD */
    int orders;    /* signalfd: the signals that mean to end, and SIGUSR1, which asks for numbers */
    int watch;     /* end when this descriptor does; -1 for none */
    struct service service;
};

/* Blocks the signals that supervision waits for, in this process and its children, and makes memory. Returns
 * 0 or a negative errno. */
int spawn_prepare(struct household *h, const struct setting *setting);

/* Returns 0 when told to end. The helpers are dead then, or die with this process. */
int spawn_supervise(struct household *h, const struct setting *setting);
