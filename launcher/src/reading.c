/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that read. */
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "listing.h"
#include "path.h"
#include "status.h"

enum {
    SMALL_READ = 16384,               /* up to here copying is cheaper than sendfile */
    ENTRY_FIXED = 3 * 2 + 3 * 8,      /* an entry without its name */
    ENTRIES_LAST = FRAME_HEADER + 6,  /* where the field `last` lies */
    ENTRIES_COUNT = FRAME_HEADER + 8, /* where the field `count` lies */
};

static void put_attributes(struct writer *w, const struct attributes *a)
{
    put_u64(w, a->size);
    put_u64(w, (uint64_t)a->modified);
    put_u64(w, (uint64_t)a->created);
}

static void send_attributes(struct session *s, const struct found *found, uint16_t handle, bool more)
{
    uint8_t octets[FRAME_HEADER + 5 * 2 + 3 * 8];
    struct writer w = session_begin(REPLY_ATTRIBUTES, octets, sizeof octets);

    session_put_outcome(&w, found);
    put_u16(&w, found->attributes.kind);
    put_u16(&w, handle);
    put_attributes(&w, &found->attributes);
    session_reply(s, &w, more);
}

static void send_error(struct session *s, int error)
{
    const struct found nothing = {.error = error};

    send_attributes(s, &nothing, 0, false);
}

/* The path, or NULL after it was answered that there is no such thing. */
static const char *take_path(struct session *s, struct text *text)
{
    int error = 0;
    const char *path = path_take(text, ENOENT, &error);

    if (path == NULL)
        send_error(s, error);
    return path;
}

void reading_stat(struct session *s, struct reader *r)
{
    struct text text = session_only_string(s, r);
    struct found found;

    const char *path = take_path(s, &text);
    if (path == NULL)
        return;
    roots_stat(s->roots, path, &found);
    send_attributes(s, &found, 0, false);
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
static void send_file(struct session *s, uint16_t slot, struct found *f, size_t wanted, bool last)
{
    if (wanted > f->attributes.size)
        wanted = (size_t)f->attributes.size;
    if (wanted <= SMALL_READ) {
        size_t used = read_small(s, f->fd, 0, wanted);
        /* Cut shorter since it was asked for its size: then this is all of it. */
        if (used < wanted)
            f->attributes.size = wanted = used;
    }
    bool whole = wanted == f->attributes.size;
    send_attributes(s, f, whole ? 0 : slot, true);
    if (wanted <= SMALL_READ)
        session_data(s, session_output, wanted);
    else
        session_data_of(s, f->fd, 0, wanted);
    if (whole && last)
        session_served(s);
    if (whole)
        close(f->fd);
    else
        s->handles[slot - 1] = f->fd;
}

void reading_open(struct session *s, struct reader *r)
{
    struct text text = take_string(r);
    uint32_t want = take_u32(r);
    uint32_t wanted = want & ~PROTOCOL_OPEN_LAST;
    struct found found;
    uint16_t slot = 0;

    if (!reader_complete(r) || wanted > READ_MAX)
        session_end(s);
    const char *path = take_path(s, &text);
    if (path == NULL)
        return;
    while (slot < HANDLES_MAX && s->handles[slot] != 0)
        slot++;
    if (slot == HANDLES_MAX) {
        send_error(s, EMFILE);
        return;
    }
    roots_open(s->roots, path, &found);
    if (found.error == 0 && found.attributes.kind != KIND_FILE) {
        if (found.fd >= 0)
            close(found.fd);
        found = (struct found){.error = EISDIR, .root = found.root};
    }
    if (found.error != 0) {
        send_attributes(s, &found, 0, false);
    } else if (wanted > 0) {
        send_file(s, (uint16_t)(slot + 1), &found, wanted, want != wanted);
    } else {
        s->handles[slot] = found.fd;
        send_attributes(s, &found, (uint16_t)(slot + 1), false);
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

struct list {
    struct session *session;
    uint16_t count;
    struct writer w;
};

static void begin_entries(struct list *l, const struct found *found)
{
    l->count = 0;
    l->w = session_begin(REPLY_ENTRIES, session_output, sizeof session_output);
    session_put_outcome(&l->w, found);
    put_u16(&l->w, 0);
    put_u16(&l->w, 0);
}

static void send_entries(struct list *l, bool last)
{
    patch_u16(&l->w, ENTRIES_LAST, last);
    patch_u16(&l->w, ENTRIES_COUNT, l->count);
    session_reply(l->session, &l->w, false);
}

static int add_entry(void *context, const char *name, size_t length, const struct found *found)
{
    static const struct found good;
    struct list *l = context;

    if (l->w.size - l->w.used < ENTRY_FIXED + length) {
        send_entries(l, false);
        begin_entries(l, &good);
    }
    put_string(&l->w, name, length);
    put_u16(&l->w, found->attributes.kind);
    put_u16(&l->w, found->root);
    put_attributes(&l->w, &found->attributes);
    l->count++;
    return 0;
}

void reading_list(struct session *s, struct reader *r)
{
    struct text text = session_only_string(s, r);
    struct list list = {.session = s};
    struct found found = {0};

    begin_entries(&list, &found);
    const char *path = path_take(&text, ENOENT, &found.error);
    if (path != NULL) {
        int broken = listing_walk(s->roots, path, &found, add_entry, &list);
        if (broken < 0)
            session_fail(s, -broken, "listing a folder");
    }
    if (found.error != 0)
        begin_entries(&list, &found);
    send_entries(&list, true);
}
