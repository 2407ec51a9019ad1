/* SPDX-License-Identifier: Apache-2.0 */
/* One client's connection: requests come in, replies go out together where they can. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "upload.h"
#include "wire.h"

_Alignas(4096) uint8_t session_output[FRAME_MAX_ENTRIES];

void session_touch(void)
{
    *(volatile uint8_t *)session_output = 0;
}

/* Sends what waits, and then these octets. */
static int send_all(struct session *s, const uint8_t *octets, size_t size)
{
    int r = wire_write_two(s->connection, s->queue, s->queued, octets, size);

    s->queued = 0;
    return r;
}

static void forget_upload(const struct session *s)
{
    if (s->state == STATE_UPLOADING)
        upload_abort();
}

static _Noreturn void leave(struct session *s, int status)
{
    forget_upload(s);
    if (s->queued > 0)
        send_all(s, NULL, 0);
    _exit(status);
}

_Noreturn void session_end(struct session *s)
{
    leave(s, EXIT_BAD_FRAME);
}

_Noreturn void session_served(struct session *s)
{
    leave(s, EXIT_SERVED);
}

/* `r` is what reading or writing has returned. */
static _Noreturn void break_off(const struct session *s, int r)
{
    forget_upload(s);
    _exit(r == WIRE_LATE ? EXIT_LATE : EXIT_GONE);
}

static void send_or_end(struct session *s, const uint8_t *octets, size_t size)
{
    int r = send_all(s, octets, size);

    if (r != 0)
        break_off(s, r);
}

static bool next_is_here(const struct session *s)
{
    if (s->used - s->done < FRAME_HEADER)
        return false;
    struct header next = header_parse(s->input + s->done);
    return s->used - s->done - FRAME_HEADER >= next.length;
}

static bool queue(struct session *s, const uint8_t *octets, size_t size)
{
    if (size > SESSION_QUEUE - s->queued)
        return false;
    memcpy(s->queue + s->queued, octets, size);
    s->queued += size;
    return true;
}

void session_reply(struct session *s, struct writer *w, bool more)
{
    size_t size = frame_end(w);

    if (size == 0)
        session_end(s);
    if ((more || next_is_here(s)) && queue(s, w->start, size))
        return;
    send_or_end(s, w->start, size);
}

struct writer session_begin(uint16_t type, uint8_t *octets, size_t size)
{
    struct writer w = {.start = octets, .size = size};

    frame_begin(&w, type);
    return w;
}

void session_put_outcome(struct writer *w, const struct found *found)
{
    put_u16(w, (uint16_t)found->error);
    put_u16(w, found->refused);
    put_u16(w, found->root);
}

_Noreturn void session_fail(struct session *s, int error, const char *what)
{
    uint8_t octets[128];
    struct writer w = session_begin(REPLY_FAILED, octets, sizeof octets);

    put_u16(&w, FAILED_OTHER);
    put_u16(&w, (uint16_t)error);
    put_string(&w, what, strlen(what));
    session_reply(s, &w, false);
    leave(s, EXIT_FAILED);
}

void session_data(struct session *s, const uint8_t *octets, size_t size)
{
    uint8_t header[FRAME_HEADER];

    header_write(header, REPLY_DATA, (uint32_t)size);
    if (!queue(s, header, sizeof header)) {
        send_or_end(s, NULL, 0);
        queue(s, header, sizeof header);
    }
    send_or_end(s, octets, size);
}

void session_data_of(struct session *s, int file, off_t offset, size_t length)
{
    uint8_t header[FRAME_HEADER];

    header_write(header, REPLY_DATA, (uint32_t)length);
    send_or_end(s, header, sizeof header);
    int r = wire_send_file(s->connection, file, offset, length);
    if (r != 0)
        break_off(s, r);
}

struct text session_only_string(struct session *s, struct reader *r)
{
    struct text string = take_string(r);

    if (!reader_complete(r))
        session_end(s);
    return string;
}

/* Octets that have come, or 0 when none has and a reply waits to be sent. */
static size_t receive(struct session *s)
{
    ssize_t n;

    do
        n = recv(s->connection, s->input + s->used, SESSION_INPUT - s->used,
                 s->queued > 0 ? MSG_DONTWAIT : 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN && s->queued > 0)
        return 0;
    if (n == 0)
        leave(s, EXIT_SERVED);
    if (n < 0)
        break_off(s, errno == EAGAIN ? WIRE_LATE : WIRE_GONE);
    return (size_t)n;
}

void session_fill(struct session *s, size_t wanted)
{
    if (s->used < wanted)
        s->used += receive(s);
    if (s->used >= wanted)
        return;
    /* Nothing may wait here while the client does. */
    if (s->queued > 0)
        send_or_end(s, NULL, 0);
    if (s->used == 0)
        s->used += receive(s);
    if (s->used < wanted) {
        int r = wire_read(s->connection, s->input + s->used, wanted - s->used);
        if (r != 0)
            break_off(s, r);
        s->used = wanted;
    }
}

void session_stream(struct session *s, size_t length, void (*take)(const uint8_t *octets, size_t length))
{
    size_t here = s->used - FRAME_HEADER < length ? s->used - FRAME_HEADER : length;

    take(s->input + FRAME_HEADER, here);
    s->used -= FRAME_HEADER + here;
    memmove(s->input, s->input + FRAME_HEADER + here, s->used);
    /* Nothing may wait here while the client does. */
    if (here < length && s->queued > 0)
        send_or_end(s, NULL, 0);
    for (size_t left = length - here; left > 0;) {
        size_t part = left < sizeof session_output ? left : sizeof session_output;
        int r = wire_read(s->connection, session_output, part);
        if (r != 0)
            break_off(s, r);
        take(session_output, part);
        left -= part;
    }
}
