/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that read. */
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "status.h"

enum {
    SMALL_READ = 16384,               /* up to here copying is cheaper than sendfile */
    ENTRY_FIXED = 2 + 2 + 8 + 8 + 8,  /* an entry without its name */
    ENTRIES_LAST = FRAME_HEADER + 2,  /* where the field `last` lies */
    ENTRIES_COUNT = FRAME_HEADER + 4, /* where the field `count` lies */
};

static void send_attributes(struct session *s, uint16_t error, uint16_t handle, const struct attributes *a,
                            bool more)
{
    uint8_t octets[FRAME_HEADER + 6 + 3 * 8];
    struct writer w = session_begin(REPLY_ATTRIBUTES, octets, sizeof octets);

    put_u16(&w, error);
    put_u16(&w, a->kind);
    put_u16(&w, handle);
    put_u64(&w, a->size);
    put_u64(&w, (uint64_t)a->modified);
    put_u64(&w, (uint64_t)a->created);
    session_reply(s, &w, more);
}

static void send_error(struct session *s, int error)
{
    static const struct attributes nothing;

    send_attributes(s, (uint16_t)error, 0, &nothing, false);
}

void reading_stat(struct session *s, struct reader *r)
{
    struct text path = session_only_string(s, r);
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
    session_end(s);
}

/* Returns how many octets the output holds: fewer than are wanted only where the file ends. */
static size_t read_small(struct session *s, int fd, off_t offset, size_t wanted)
{
    size_t used = 0;

    while (used < wanted) {
        ssize_t n = pread(fd, session_output + used, wanted - used, offset + (off_t)used);
        if (n < 0)
            session_fail(s, errno, "reading a file");
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return used;
}

static void send_small(struct session *s, int fd, off_t offset, size_t wanted)
{
    session_data(s, session_output, read_small(s, fd, offset, wanted));
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
        session_data(s, session_output, wanted);
    else
        session_data_of(s, fd, 0, wanted);
    if (whole)
        close(fd);
    else
        s->handles[slot - 1] = fd;
}

void reading_open(struct session *s, struct reader *r)
{
    struct text path = take_string(r);
    uint32_t wanted = take_u32(r);
    struct attributes attributes;
    uint16_t slot = 0;
    int fd = -1;

    if (!reader_complete(r) || wanted > READ_MAX)
        session_end(s);
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
        session_fail(s, -r, "asking for the size of a file");
    if (offset >= status.size)
        return 0;
    return status.size - offset < wanted ? (size_t)(status.size - offset) : wanted;
}

void reading_read(struct session *s, struct reader *r)
{
    uint16_t handle = take_u16(r);
    uint64_t offset = take_u64(r);
    uint32_t wanted = take_u32(r);

    if (!reader_complete(r) || wanted < 1 || wanted > READ_MAX)
        session_end(s);
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
            session_data_of(s, fd, (off_t)offset, length);
    }
}

void reading_close(struct session *s, struct reader *r)
{
    uint16_t handle = take_u16(r);

    if (!reader_complete(r))
        session_end(s);
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
    l->w = session_begin(REPLY_ENTRIES, session_output, sizeof session_output);
    put_u16(&l->w, (uint16_t)error);
    put_u16(&l->w, 0);
    put_u16(&l->w, 0);
}

static void send_entries(struct listing *l, bool last)
{
    patch_u16(&l->w, ENTRIES_LAST, last);
    patch_u16(&l->w, ENTRIES_COUNT, l->count);
    session_reply(l->session, &l->w, false);
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

void reading_list(struct session *s, struct reader *r)
{
    struct text path = session_only_string(s, r);
    struct listing listing = {.session = s};

    begin_entries(&listing, 0);
    int error = files_list(s->root, &path, add_entry, &listing);
    if (error < 0)
        session_fail(s, -error, "listing a folder");
    if (error > 0)
        begin_entries(&listing, error);
    send_entries(&listing, true);
}
