/* SPDX-License-Identifier: Apache-2.0 */
/* From the connection to the program. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "relay_state.h"
#include "wire.h"

/* Pages of their own, touched as far as they are used. RUN lies here until the program has started. */
_Alignas(4096) uint8_t relay_input[RELAY_INPUT];

static void make_room(void)
{
    memmove(relay_input, relay_input + relay.in_at, relay.in_end - relay.in_at);
    relay.in_end -= relay.in_at;
    relay.in_at = 0;
}

static size_t there(void)
{
    return relay.in_end - relay.in_at;
}

void relay_flush(void)
{
    if (relay.out_end > 0 && wire_write(relay.connection, relay_output, relay.out_end, false) != 0)
        relay_end();
    relay.out_end = 0;
}

/* Waits until so much is there. */
static void fill(size_t wanted)
{
    if (there() < wanted)
        make_room();
    while (there() < wanted) {
        ssize_t n =
            recv(relay.connection, relay_input + relay.in_end, RELAY_INPUT - relay.in_end, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            relay_flush();
            n = recv(relay.connection, relay_input + relay.in_end, RELAY_INPUT - relay.in_end, 0);
        }
        if (n == 0 || (n < 0 && errno != EINTR))
            relay_end();
        if (n > 0)
            relay.in_end += (size_t)n;
    }
}

struct header relay_next_request(void)
{
    fill(FRAME_HEADER);
    struct header header = header_parse(relay_input + relay.in_at);
    if (!state_allows(relay.state, &header))
        relay_end();
    fill(FRAME_HEADER + header.length);
    relay.in_at += FRAME_HEADER;
    return header;
}

struct writer relay_answer(uint16_t type)
{
    struct writer w = {.start = relay_output + relay.out_end, .size = sizeof relay_output - relay.out_end};

    frame_begin(&w, type);
    return w;
}

void relay_answered(struct writer *w)
{
    size_t size = frame_end(w);

    if (size == 0)
        relay_end();
    relay.out_end += size;
    /* Whoever asks without listening is not kept for. */
    if (relay.out_end > sizeof relay_output / 2)
        relay_flush();
}

void relay_close_stdin(bool say)
{
    if (relay.stdin_fd < 0)
        return;
    close(relay.stdin_fd);
    relay.stdin_fd = -1;
    relay.stdin_full = false;
    relay.say_stdin_closed = say;
}

static void begin_frame(void)
{
    struct header header = header_parse(relay_input + relay.in_at);

    if (!state_allows(relay.state, &header))
        relay_end();
    relay.in_at += FRAME_HEADER;
    if (header.type == REQUEST_STDIN)
        relay.payload_left = header.length;
    else
        relay_close_stdin(false);
}

/* Gives the program what has come. False when it takes no more for now, or nothing is left to give. */
static bool pass_payload(void)
{
    size_t n = there() < relay.payload_left ? there() : relay.payload_left;

    if (n == 0)
        return false;
    if (relay.stdin_fd >= 0) {
        ssize_t written = write(relay.stdin_fd, relay_input + relay.in_at, n);
        if (written < 0 && errno == EINTR)
            return true;
        relay.stdin_full = written < 0 && errno == EAGAIN;
        if (relay.stdin_full)
            return false;
        if (written < 0) {
            relay_close_stdin(true);
            return true;
        }
        n = (size_t)written;
    }
    relay.moved_at = clock_ms();
    relay.in_at += n;
    relay.payload_left -= (uint32_t)n;
    return true;
}

void relay_pass_input(void)
{
    for (;;) {
        if (relay.payload_left > 0) {
            if (!pass_payload())
                break;
        } else if (there() >= FRAME_HEADER) {
            begin_frame();
        } else {
            break;
        }
    }
    if (relay.in_at > 0)
        make_room();
}

void relay_receive(void)
{
    size_t most = FRAME_HEADER + STREAM_MAX;

    if (relay.in_end >= most)
        return;
    ssize_t n = recv(relay.connection, relay_input + relay.in_end, most - relay.in_end, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        relay_end();
    if (n > 0)
        relay.in_end += (size_t)n;
    relay_pass_input();
}
