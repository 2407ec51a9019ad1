/* SPDX-License-Identifier: Apache-2.0 */
/* One client's connection: requests come in, replies go out together where they can. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame.h"
#include "protocol.h"
#include "roots.h"
#include "states.h"

enum {
    SESSION_QUEUE = 1280, /* CONFINED at its longest, and a few answers more */
    SESSION_INPUT = FRAME_HEADER + FRAME_MAX_REQUEST,
};

/* For one answer at a time. On a page of its own: each page that a helper writes to costs it a fault. */
extern uint8_t session_output[FRAME_MAX_ENTRIES];
/* Writes to its first page, whose fault the answer will not have to wait for then. */
void session_touch(void);

/*
 * Replies wait while the next request is already here, and go out together: each that is sent alone wakes the
 * client. The queue and the input lie side by side in the memory that serve() was given.
 */
struct session {
    int connection;
    const struct roots *roots;
    uint8_t *queue;
    size_t queued;
    uint8_t *input;
    size_t used; /* octets in the input ... */
    size_t done; /* ... of which so many are the request that is being answered */
    enum state state;
    uint16_t upload_root;     /* where the upload goes that is not finished */
    int handles[HANDLES_MAX]; /* 0, which is the connection, where free. Handle n is handles[n - 1]. */
};

/* Whatever a peer did to deserve it: the helper ends, and with it all that it could reach. */
_Noreturn void session_end(struct session *s);
/* Nothing more will be asked. */
_Noreturn void session_served(struct session *s);
/* The helper is broken: says so, and ends. */
_Noreturn void session_fail(struct session *s, int error, const char *what);

/* Waits until `wanted` octets are in the input, taking what else has come along. */
void session_fill(struct session *s, size_t wanted);

/* Hands over the payload of the request whose header is first in the input, piece by piece, however long. */
void session_stream(struct session *s, size_t length, void (*take)(const uint8_t *octets, size_t length));

struct writer session_begin(uint16_t type, uint8_t *octets, size_t size);
/* The fields that ATTRIBUTES, ENTRIES and DONE begin with: errno, who refused, which root answered. */
void session_put_outcome(struct writer *w, const struct found *found);
/* `more`: another frame of the same answer follows at once. */
void session_reply(struct session *s, struct writer *w, bool more);
/* DATA, header and octets in one go with what waits. */
void session_data(struct session *s, const uint8_t *octets, size_t size);
/* DATA with this much of a file from there. The length goes out before the octets do, so a file that shrinks
 * meanwhile ends the helper: never a false answer. */
void session_data_of(struct session *s, int file, off_t offset, size_t length);

/* The string that is a request's only field. */
struct text session_only_string(struct session *s, struct reader *r);
