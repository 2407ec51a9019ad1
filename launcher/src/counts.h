/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the helpers, in numbers. */
#pragma once

#include <signal.h>
#include <stddef.h>

enum { COUNTS_SIZE = 384 };

struct counts {
    unsigned forked;
    unsigned served;
    unsigned refused; /* could not, or would not, be confined as asked */
    unsigned strangers;
    unsigned late; /* a timeout passed */
    unsigned gone; /* the client went away in the middle */
    unsigned bad_frames;
    unsigned crashed;
    unsigned unused; /* died before they had a client */
};

/* One that waits for the next client has served this one. */
void counts_served(struct counts *c);

/* A helper that had a client is dead. */
void counts_death(struct counts *c, const siginfo_t *death);

/* For people to read. Returns the octets written, the NUL not counted. */
size_t counts_text(const struct counts *c, unsigned waiting, unsigned at_work, char *out, size_t size);
