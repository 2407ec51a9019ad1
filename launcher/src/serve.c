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

enum {
    SMALL_READ = 16384,               /* up to here copying is cheaper than sendfile */
    ENTRY_FIXED = 2 + 2 + 8 + 8 + 8,  /* an entry without its name */
    ENTRIES_LAST = FRAME_HEADER + 2,  /* where the field `last` lies */
    ENTRIES_COUNT = FRAME_HEADER + 4, /* where the field `count` lies */
};

/* On a page of its own: each page that a helper writes to costs it a fault. */
static _Alignas(4096) uint8_t output[FRAME_MAX_ENTRIES];
static int handles[HANDLES_MAX]; /* descriptors; 0, which is the connection, where free. Handle n is handles[n
                                    - 1]. */

/* Whatever a peer did to deserve it: the helper ends, and with it all that it could reach. */
static _Noreturn void end(void)
{
    _exit(0);
}

static void send_or_end(int connection, struct writer *w)
{
    size_t size = frame_end(w);

    if (size == 0 || wire_write(connection, w->start, size, false) != 0)
        end();
}

static struct writer begin(uint16_t type, uint8_t *octets, size_t size)
{
    struct writer w = {.start = octets, .size = size};

    frame_begin(&w, type);
    return w;
}

static _Noreturn void fail(int connection, int error, const char *what)
{
    uint8_t octets[128];
    struct writer w = begin(REPLY_FAILED, octets, sizeof octets);

    put_u16(&w, FAILED_OTHER);
    put_u16(&w, (uint16_t)error);
    put_string(&w, what, strlen(what));
    send_or_end(connection, &w);
    end();
}

static void send_attributes(int connection, uint16_t error, uint16_t handle, const struct attributes *a)
{
    uint8_t octets[FRAME_HEADER + 6 + 3 * 8];
    struct writer w = begin(REPLY_ATTRIBUTES, octets, sizeof octets);

    put_u16(&w, error);
    put_u16(&w, a->kind);
    put_u16(&w, handle);
    put_u64(&w, a->size);
    put_u64(&w, (uint64_t)a->modified);
    put_u64(&w, (uint64_t)a->created);
    send_or_end(connection, &w);
}

static void send_error(int connection, int error)
{
    static const struct attributes nothing;

    send_attributes(connection, (uint16_t)error, 0, &nothing);
}

static struct text only_path(struct reader *r)
{
    struct text path = take_string(r);

    if (!reader_complete(r))
        end();
    return path;
}

static void answer_stat(int connection, int root, struct reader *r)
{
    struct text path = only_path(r);
    struct attributes attributes;
    int fd = -1;

    int error = files_open(root, &path, &fd, &attributes);
    if (error != 0) {
        send_error(connection, error);
        return;
    }
    close(fd);
    send_attributes(connection, 0, 0, &attributes);
}

static void answer_open(int connection, int root, struct reader *r)
{
    struct text path = only_path(r);
    struct attributes attributes;
    uint16_t slot = 0;
    int fd = -1;

    while (slot < HANDLES_MAX && handles[slot] != 0)
        slot++;
    if (slot == HANDLES_MAX) {
        send_error(connection, EMFILE);
        return;
    }
    int error = files_open(root, &path, &fd, &attributes);
    if (error == 0 && attributes.kind == KIND_DIRECTORY) {
        close(fd);
        error = EISDIR;
    }
    if (error != 0) {
        send_error(connection, error);
        return;
    }
    handles[slot] = fd;
    send_attributes(connection, 0, (uint16_t)(slot + 1), &attributes);
}

static int *slot_of(uint16_t handle)
{
    if (handle >= 1 && handle <= HANDLES_MAX && handles[handle - 1] != 0)
        return &handles[handle - 1];
    end();
}

static void send_small(int connection, int fd, off_t offset, size_t wanted)
{
    uint8_t header[FRAME_HEADER];
    size_t used = 0;

    while (used < wanted) {
        ssize_t n = pread(fd, output + used, wanted - used, offset + (off_t)used);
        if (n < 0)
            fail(connection, errno, "reading a file");
        if (n == 0)
            break;
        used += (size_t)n;
    }
    header_write(header, REPLY_DATA, (uint32_t)used);
    if (wire_write_two(connection, header, sizeof header, output, used) != 0)
        end();
}

/* How much of what is wanted the file has. */
static size_t available(int connection, int fd, uint64_t offset, size_t wanted)
{
    struct status s;

    int r = status_of(fd, "", AT_EMPTY_PATH, &s);
    if (r < 0)
        fail(connection, -r, "asking for the size of a file");
    if (offset >= s.size)
        return 0;
    return s.size - offset < wanted ? (size_t)(s.size - offset) : wanted;
}

/* The length goes out before the octets do, so a file that shrinks meanwhile ends the helper: never a false
 * answer. */
static void send_large(int connection, int fd, off_t offset, size_t wanted)
{
    uint8_t header[FRAME_HEADER];

    size_t length = available(connection, fd, (uint64_t)offset, wanted);
    if (length <= SMALL_READ) {
        send_small(connection, fd, offset, length);
        return;
    }
    header_write(header, REPLY_DATA, (uint32_t)length);
    if (wire_write(connection, header, sizeof header, true) != 0 ||
        wire_send_file(connection, fd, offset, length) != 0)
        end();
}

static void answer_read(int connection, struct reader *r)
{
    uint16_t handle = take_u16(r);
    uint64_t offset = take_u64(r);
    uint32_t wanted = take_u32(r);

    if (!reader_complete(r) || wanted < 1 || wanted > READ_MAX)
        end();
    int fd = *slot_of(handle);
    if (offset > INT64_MAX - READ_MAX)
        send_small(connection, fd, 0, 0);
    else if (wanted <= SMALL_READ)
        send_small(connection, fd, (off_t)offset, wanted);
    else
        send_large(connection, fd, (off_t)offset, wanted);
}

static void do_close(struct reader *r)
{
    uint16_t handle = take_u16(r);

    if (!reader_complete(r))
        end();
    int *slot = slot_of(handle);
    close(*slot);
    *slot = 0;
}

struct listing {
    int connection;
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
    send_or_end(l->connection, &l->w);
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

static void answer_list(int connection, int root, struct reader *r)
{
    struct text path = only_path(r);
    struct listing listing = {.connection = connection};

    begin_entries(&listing, 0);
    int error = files_list(root, &path, add_entry, &listing);
    if (error < 0)
        fail(connection, -error, "listing a folder");
    if (error > 0)
        begin_entries(&listing, error);
    send_entries(&listing, true);
}

static void answer(int connection, int root, const struct header *header, uint8_t *payload)
{
    struct reader r = {.at = payload, .left = header->length};

    switch (header->type) {
    case REQUEST_STAT:
        answer_stat(connection, root, &r);
        break;
    case REQUEST_OPEN:
        answer_open(connection, root, &r);
        break;
    case REQUEST_READ:
        answer_read(connection, &r);
        break;
    case REQUEST_CLOSE:
        do_close(&r);
        break;
    case REQUEST_LIST:
        answer_list(connection, root, &r);
        break;
    default:
        end();
    }
}

/* Waits until `wanted` octets are in the buffer, taking what else has come along. */
static void fill(int connection, uint8_t *input, size_t *used, size_t wanted)
{
    if (*used < wanted) {
        ssize_t n;
        do
            n = recv(connection, input + *used, FRAME_HEADER + FRAME_MAX_REQUEST - *used, 0);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
            end();
        *used += (size_t)n;
    }
    if (*used < wanted) {
        if (wire_read(connection, input + *used, wanted - *used) != 0)
            end();
        *used = wanted;
    }
}

void serve(int connection, int root, uint8_t *input)
{
    size_t used = 0;

    for (;;) {
        fill(connection, input, &used, FRAME_HEADER);
        struct header header = header_parse(input);
        if (!state_allows(STATE_SERVING, &header))
            end();
        size_t size = FRAME_HEADER + header.length;
        fill(connection, input, &used, size);
        answer(connection, root, &header, input + FRAME_HEADER);
        memmove(input, input + size, used - size);
        used -= size;
    }
}
