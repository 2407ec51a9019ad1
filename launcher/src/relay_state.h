/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay knows of its connection and its program: what its two directions have in common. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame.h"
#include "protocol.h"
#include "states.h"

enum {
    RELAY_INPUT = FRAME_HEADER + FRAME_MAX_RUN,
    RELAY_OUTPUT = FRAME_HEADER + STREAM_MAX,
    LAST_WORDS_MS = 400, /* behind the deadline, for the program to die and the client to be told; then the
                            supervisor ends it all */
};

/* One of the program's streams to us. */
struct source {
    int fd; /* -1 behind its end */
    uint16_t type;
    bool bounded; /* the program has ended: `left` octets are still its own */
    int left;
};

struct relay {
    int connection;
    enum state state;
    int64_t moved_at; /* when an octet went either way, in milliseconds */

    pid_t pid; /* 0 before there is a program */
    int pidfd;
    bool exited;
    bool killed; /* and not by itself */
    uint16_t status;
    uint16_t limit;

    int stdin_fd; /* -1 when closed */
    bool stdin_full;
    bool say_stdin_closed;
    uint32_t payload_left; /* of the STDIN frame that is being passed on */
    size_t in_at;
    size_t in_end;

    struct source output;
    struct source errors;
    bool errors_last; /* whose turn it was */
    int64_t ended_at; /* when standard output ended, in milliseconds */
    bool said_end;    /* of standard output, for the program goes on */
    bool said_exit;
    size_t out_at;
    size_t out_end;
};

extern struct relay relay;
extern uint8_t relay_input[RELAY_INPUT];
extern uint8_t relay_output[RELAY_OUTPUT];

/* While there is a program this process only stops, for its supervisor to kill it last: standard input ends
 * with it, and whoever reads that would take what there was for the whole. */
_Noreturn void relay_end(void);

/* ---- before the program runs ---- */

/* The header of the next request, whose payload lies behind it at relay_input + relay.in_at; what waits goes
 * out before this process waits. */
struct header relay_next_request(void);
/* An answer, which goes out with those before it. */
struct writer relay_answer(uint16_t type);
void relay_answered(struct writer *w);
/* Sends what waits. */
void relay_flush(void);

/* ---- while it runs ---- */

/* Reads from the connection without waiting, and gives the program what it takes. */
void relay_receive(void);
void relay_pass_input(void);
void relay_close_stdin(bool say);
/* Sends as much as goes out without waiting. */
void relay_send_output(void);
/* What others hold open must not keep the answer open: what was written by now is all. */
void relay_bound_output(void);
/* When it will be clear that the program goes on without an output, in milliseconds; INT64_MAX if that is not
 * so. */
int64_t relay_goes_on_at(void);
