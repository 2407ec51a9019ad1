/* SPDX-License-Identifier: Apache-2.0 */
/* From the program to the connection. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "relay_state.h"

enum {
    GOES_ON_MS = 100, /* a program that has closed its output for so long has not just ended */
};

/* Pages of their own, touched as far as they are used. */
_Alignas(4096) uint8_t relay_output[RELAY_OUTPUT];

static void say(uint16_t type, const uint16_t *fields, size_t count)
{
    struct writer w = {.start = relay_output, .size = sizeof relay_output};

    frame_begin(&w, type);
    for (size_t i = 0; i < count; i++)
        put_u16(&w, fields[i]);
    relay.out_at = 0;
    relay.out_end = frame_end(&w);
}

static void finish(struct source *source)
{
    close(source->fd);
    source->fd = -1;
}

/* Takes what the stream has into the output; true when it had something. */
static bool take(struct source *source)
{
    size_t most = STREAM_MAX;

    if (source->fd < 0)
        return false;
    if (source->bounded && (size_t)source->left < most)
        most = (size_t)source->left;
    ssize_t n = most == 0 ? 0 : read(source->fd, relay_output + FRAME_HEADER, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    /* An end that is none would be taken for the whole. */
    if (n < 0)
        relay_end();
    if (n == 0) {
        finish(source);
        if (source == &relay.output)
            relay.ended_at = clock_ms();
        return false;
    }
    if (source->bounded)
        source->left -= (int)n;
    header_write(relay_output, source->type, (uint32_t)n);
    relay.out_at = 0;
    relay.out_end = FRAME_HEADER + (size_t)n;
    return true;
}

/* Both streams in turn, so that neither starves the other. */
static bool take_one(void)
{
    struct source *first = relay.errors_last ? &relay.output : &relay.errors;
    struct source *second = relay.errors_last ? &relay.errors : &relay.output;

    if (take(first)) {
        relay.errors_last = !relay.errors_last;
        return true;
    }
    return take(second);
}

int64_t relay_goes_on_at(void)
{
    bool open = relay.output.fd < 0 && !relay.exited && !relay.said_end;

    return open ? relay.ended_at + GOES_ON_MS : INT64_MAX;
}

/* Puts the next frame into the empty output; false when there is none yet. */
static bool next_frame(void)
{
    if (relay.say_stdin_closed) {
        relay.say_stdin_closed = false;
        say(REPLY_STDIN_CLOSED, NULL, 0);
        return true;
    }
    if (take_one())
        return true;
    if (relay_goes_on_at() <= clock_ms()) {
        relay.said_end = true;
        say(REPLY_STDOUT, NULL, 0);
        return true;
    }
    if (!relay.exited || relay.output.fd >= 0 || relay.errors.fd >= 0)
        return false;
    if (relay.said_exit)
        relay_end();
    say(REPLY_EXITED, (const uint16_t[]){relay.killed, relay.status, relay.limit}, 3);
    relay.said_exit = true;
    return true;
}

void relay_send_output(void)
{
    for (;;) {
        if (relay.out_at == relay.out_end && !next_frame())
            return;
        ssize_t n = send(relay.connection, relay_output + relay.out_at, relay.out_end - relay.out_at,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EINTR)
            relay_end();
        if (n > 0) {
            relay.out_at += (size_t)n;
            relay.moved_at = clock_ms();
        }
    }
}

static void bound(struct source *source)
{
    if (source->fd < 0)
        return;
    source->bounded = true;
    if (ioctl(source->fd, FIONREAD, &source->left) < 0)
        relay_end();
}

void relay_bound_output(void)
{
    bound(&relay.output);
    bound(&relay.errors);
}
