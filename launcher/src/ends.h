/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper ended, as its exit status tells the launcher. */
#pragma once

enum {
    EXIT_SERVED = 0,    /* the client had what it wanted, and went */
    EXIT_GONE = 1,      /* the launcher went away, or the client did in the middle of a frame or an answer */
    EXIT_FAILED = 2,    /* nothing was served, or no more; the client was told, if it was there to read it */
    EXIT_STRANGER = 3,  /* the client may not connect */
    EXIT_LATE = 4,      /* the client neither asked nor took an answer for too long */
    EXIT_BAD_FRAME = 5, /* the client sent what is not allowed */
    EXIT_CRASHED = 6,   /* its relay did */
};
