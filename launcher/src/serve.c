/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a confined helper's client until it goes away or asks for what is not allowed. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "files.h"
#include "frame.h"
#include "protocol.h"
#include "states.h"
#include "status.h"
#include "wire.h"

_Static_assert(SERVE_MEMORY >= 2048 + FRAME_HEADER + FRAME_MAX_REQUEST, "queue and input");

enum {
    QUEUE = 2048, /* CONFINED at its longest, and a few answers more */
    INPUT = FRAME_HEADER + FRAME_MAX_REQUEST,
    SMALL_READ = 16384,               /* up to here copying is cheaper than sendfile */
    ENTRY_FIXED = 2 + 2 + 8 + 8 + 8,  /* an entry without its name */
    ENTRIES_LAST = FRAME_HEADER + 2,  /* where the field `last` lies */
    ENTRIES_COUNT = FRAME_HEADER + 4, /* where the field `count` lies */
};

/* On a page of its own: each page that a helper writes to costs it a fault. */
static _Alignas(4096) uint8_t output[FRAME_MAX_ENTRIES];

/*
 * Replies wait while the next request is already here, and go out together: each that is sent alone wakes the
 * client. The queue and the input lie side by side in the memory that serve() was given.
 */
struct session {
    int connection;
    int root;
    uint8_t *queue;
    size_t queued;
    uint8_t *input;
    size_t used;              /* octets in the input ... */
    size_t done;              /* ... of which so many are the request that is being answered */
    int handles[HANDLES_MAX]; /* 0, which is the connection, where free. Handle n is handles[n - 1]. */
};

/* Sends what waits, and then these octets. */
static int send_all(struct session *s, const uint8_t *octets, size_t size)
{
    int r = wire_write_two(s->connection, s->queue, s->queued, octets, size);

    s->queued = 0;
    return r;
}

/* Whatever a peer did to deserve it: the helper ends, and with it all that it could reach. */
static _Noreturn void end(struct session *s)
{
    if (s->queued > 0)
        send_all(s, NULL, 0);
    _exit(0);
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
    if (size > QUEUE - s->queued)
        return false;
    memcpy(s->queue + s->queued, octets, size);
    s->queued += size;
    return true;
}

/* `more`: another frame of the same answer follows at once. */
static void reply(struct session *s, struct writer *w, bool more)
{
    size_t size = frame_end(w);

    if (size == 0)
        end(s);
    if ((more || next_is_here(s)) && queue(s, w->start, size))
        return;
    if (send_all(s, w->start, size) != 0)
        end(s);
}

static struct writer begin(uint16_t type, uint8_t *octets, size_t size)
{
    struct writer w = {.start = octets, .size = size};

    frame_begin(&w, type);
    return w;
}

static _Noreturn void fail(struct session *s, int error, const char *what)
{
    uint8_t octets[128];
    struct writer w = begin(REPLY_FAILED, octets, sizeof octets);

    put_u16(&w, FAILED_OTHER);
    put_u16(&w, (uint16_t)error);
    put_string(&w, what, strlen(what));
    reply(s, &w, false);
    end(s);
}

static void send_attributes(struct session *s, uint16_t error, uint16_t handle, const struct attributes *a,
                            bool more)
{
    uint8_t octets[FRAME_HEADER + 6 + 3 * 8];
    struct writer w = begin(REPLY_ATTRIBUTES, octets, sizeof octets);

    put_u16(&w, error);
    put_u16(&w, a->kind);
    put_u16(&w, handle);
    put_u64(&w, a->size);
    put_u64(&w, (uint64_t)a->modified);
    put_u64(&w, (uint64_t)a->created);
    reply(s, &w, more);
}

static void send_error(struct session *s, int error)
{
    static const struct attributes nothing;

    send_attributes(s, (uint16_t)error, 0, &nothing, false);
}

static struct text only_path(struct session *s, struct reader *r)
{
    struct text path = take_string(r);

    if (!reader_complete(r))
        end(s);
    return path;
}

static void answer_stat(struct session *s, struct reader *r)
{
    struct text path = only_path(s, r);
    struct attributes attributes;
    int fd = -1;

    int error = files_open(s->root, &path, &fd, &attributes);
    if (error != 0) {
        send_error(s, error);
        return;
    }
    close(fd);
    send_attributes(s, 0, 0, &attributes, false);
}

static int *slot_of(struct session *s, uint16_t handle)
{
    if (handle >= 1 && handle <= HANDLES_MAX && s->handles[handle - 1] != 0)
        return &s->handles[handle - 1];
    end(s);
}

/* A header and what it announces, in one go with what waits. */
static void send_data(struct session *s, const uint8_t *octets, size_t size)
{
    uint8_t header[FRAME_HEADER];

    header_write(header, REPLY_DATA, (uint32_t)size);
    if (!queue(s, header, sizeof header) && (send_all(s, NULL, 0) != 0 || !queue(s, header, sizeof header)))
        end(s);
    if (send_all(s, octets, size) != 0)
        end(s);
}

/* Returns how many octets the output holds: fewer than are wanted only where the file ends. */
static size_t read_small(struct session *s, int fd, off_t offset, size_t wanted)
{
    size_t used = 0;

    while (used < wanted) {
        ssize_t n = pread(fd, output + used, wanted - used, offset + (off_t)used);
        if (n < 0)
            fail(s, errno, "reading a file");
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return used;
}

static void send_small(struct session *s, int fd, off_t offset, size_t wanted)
{
    send_data(s, output, read_small(s, fd, offset, wanted));
}

/* The length goes out before the octets do, so a file that shrinks meanwhile ends the helper: never a false
 * answer. */
static void send_large(struct session *s, int fd, off_t offset, size_t length)
{
    uint8_t header[FRAME_HEADER];

    header_write(header, REPLY_DATA, (uint32_t)length);
    if (send_all(s, header, sizeof header) != 0 || wire_send_file(s->connection, fd, offset, length) != 0)
        end(s);
}

/* The attributes of a file that was opened, and its first octets behind them. */
static void send_file(struct session *s, uint16_t slot, int fd, struct attributes *a, size_t wanted)
{
    if (wanted > a->size)
        wanted = (size_t)a->size;
    if (wanted <= SMALL_READ) {
        size_t used = read_small(s, fd, 0, wanted);
        /* Cut shorter since it was asked for its size: then this is all of it. */
        if (used < wanted)
            a->size = wanted = used;
    }
    bool whole = wanted == a->size;
    send_attributes(s, 0, whole ? 0 : slot, a, true);
    if (wanted <= SMALL_READ)
        send_data(s, output, wanted);
    else
        send_large(s, fd, 0, wanted);
    if (whole)
        close(fd);
    else
        s->handles[slot - 1] = fd;
}

static void answer_open(struct session *s, struct reader *r)
{
    struct text path = take_string(r);
    uint32_t wanted = take_u32(r);
    struct attributes attributes;
    uint16_t slot = 0;
    int fd = -1;

    if (!reader_complete(r) || wanted > READ_MAX)
        end(s);
    while (slot < HANDLES_MAX && s->handles[slot] != 0)
        slot++;
    if (slot == HANDLES_MAX) {
        send_error(s, EMFILE);
        return;
    }
    int error = files_open(s->root, &path, &fd, &attributes);
    if (error == 0 && attributes.kind == KIND_DIRECTORY) {
        close(fd);
        error = EISDIR;
    }
    if (error != 0) {
        send_error(s, error);
    } else if (wanted > 0) {
        send_file(s, (uint16_t)(slot + 1), fd, &attributes, wanted);
    } else {
        s->handles[slot] = fd;
        send_attributes(s, 0, (uint16_t)(slot + 1), &attributes, false);
    }
}

/* How much of what is wanted the file has. */
static size_t available(struct session *s, int fd, uint64_t offset, size_t wanted)
{
    struct status status;

    int r = status_of(fd, "", AT_EMPTY_PATH, &status);
    if (r < 0)
        fail(s, -r, "asking for the size of a file");
    if (offset >= status.size)
        return 0;
    return status.size - offset < wanted ? (size_t)(status.size - offset) : wanted;
}

static void answer_read(struct session *s, struct reader *r)
{
    uint16_t handle = take_u16(r);
    uint64_t offset = take_u64(r);
    uint32_t wanted = take_u32(r);

    if (!reader_complete(r) || wanted < 1 || wanted > READ_MAX)
        end(s);
    int fd = *slot_of(s, handle);
    if (offset > INT64_MAX - READ_MAX)
        send_small(s, fd, 0, 0);
    else if (wanted <= SMALL_READ)
        send_small(s, fd, (off_t)offset, wanted);
    else {
        size_t length = available(s, fd, offset, wanted);
        if (length <= SMALL_READ)
            send_small(s, fd, (off_t)offset, length);
        else
            send_large(s, fd, (off_t)offset, length);
    }
}

static void do_close(struct session *s, struct reader *r)
{
    uint16_t handle = take_u16(r);

    if (!reader_complete(r))
        end(s);
    int *slot = slot_of(s, handle);
    close(*slot);
    *slot = 0;
}

struct listing {
    struct session *session;
    uint16_t count;
    struct writer w;
};

static void begin_entries(struct listing *l, int error)
{
    l->count = 0;
    l->w = begin(REPLY_ENTRIES, output, sizeof output);
    put_u16(&l->w, (uint16_t)error);
    put_u16(&l->w, 0);
    put_u16(&l->w, 0);
}

static void send_entries(struct listing *l, bool last)
{
    patch_u16(&l->w, ENTRIES_LAST, last);
    patch_u16(&l->w, ENTRIES_COUNT, l->count);
    reply(l->session, &l->w, false);
}

static int add_entry(void *context, const char *name, size_t length, const struct attributes *a)
{
    struct listing *l = context;

    if (l->w.size - l->w.used < ENTRY_FIXED + length) {
        send_entries(l, false);
        begin_entries(l, 0);
    }
    put_string(&l->w, name, length);
    put_u16(&l->w, a->kind);
    put_u64(&l->w, a->size);
    put_u64(&l->w, (uint64_t)a->modified);
    put_u64(&l->w, (uint64_t)a->created);
    l->count++;
    return 0;
}

static void answer_list(struct session *s, struct reader *r)
{
    struct text path = only_path(s, r);
    struct listing listing = {.session = s};

    begin_entries(&listing, 0);
    int error = files_list(s->root, &path, add_entry, &listing);
    if (error < 0)
        fail(s, -error, "listing a folder");
    if (error > 0)
        begin_entries(&listing, error);
    send_entries(&listing, true);
}

static void answer(struct session *s, const struct header *header, uint8_t *payload)
{
    struct reader r = {.at = payload, .left = header->length};

    switch (header->type) {
    case REQUEST_STAT:
        answer_stat(s, &r);
        break;
    case REQUEST_OPEN:
        answer_open(s, &r);
        break;
    case REQUEST_READ:
        answer_read(s, &r);
        break;
    case REQUEST_CLOSE:
        do_close(s, &r);
        break;
    case REQUEST_LIST:
        answer_list(s, &r);
        break;
    default:
        end(s);
    }
}

/* Octets that have come, or 0 when none has and a reply waits to be sent. */
static size_t receive(struct session *s)
{
    ssize_t n;

    do
        n = recv(s->connection, s->input + s->used, INPUT - s->used, s->queued > 0 ? MSG_DONTWAIT : 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN && s->queued > 0)
        return 0;
    if (n <= 0)
        end(s);
    return (size_t)n;
}

/* Waits until `wanted` octets are in the input, taking what else has come along. */
static void fill(struct session *s, size_t wanted)
{
    if (s->used < wanted)
        s->used += receive(s);
    if (s->used >= wanted)
        return;
    /* Nothing may wait here while the client does. */
    if (s->queued > 0 && send_all(s, NULL, 0) != 0)
        end(s);
    if (s->used == 0)
        s->used += receive(s);
    if (s->used < wanted) {
        if (wire_read(s->connection, s->input + s->used, wanted - s->used) != 0)
            end(s);
        s->used = wanted;
    }
}

void serve(int connection, int root, uint8_t *memory, size_t queued)
{
    struct session s = {
        .connection = connection, .root = root, .queue = memory, .queued = queued, .input = memory + QUEUE};

    for (;;) {
        fill(&s, FRAME_HEADER);
        struct header header = header_parse(s.input);
        if (!state_allows(STATE_SERVING, &header))
            end(&s);
        s.done = FRAME_HEADER + header.length;
        fill(&s, s.done);
        answer(&s, &header, s.input + FRAME_HEADER);
        s.used -= s.done;
        memmove(s.input, s.input + s.done, s.used);
    }
}
