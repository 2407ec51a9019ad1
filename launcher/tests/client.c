/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the launcher in C, for its tests, its benchmarks and the command launcher-client. */
#include "client.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol.h"

int client_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int send_all(int fd, const uint8_t *at, size_t left)
{
    while (left > 0) {
        ssize_t n = send(fd, at, left, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        at += n;
        left -= (size_t)n;
    }
    return 0;
}

static int receive_all(int fd, uint8_t *at, size_t left)
{
    while (left > 0) {
        ssize_t n = recv(fd, at, left, 0);
        if (n <= 0)
            return -1;
        at += n;
        left -= (size_t)n;
    }
    return 0;
}

int client_send(int fd, uint16_t type, const void *payload, size_t length)
{
    uint8_t frame[FRAME_HEADER + FRAME_MAX_CONFINE + 1];

    header_write(frame, type, (uint32_t)length);
    if (length > sizeof frame - FRAME_HEADER)
        return send_all(fd, frame, FRAME_HEADER) < 0 ? -1 : send_all(fd, payload, length);
    if (length > 0)
        memcpy(frame + FRAME_HEADER, payload, length);
    return send_all(fd, frame, FRAME_HEADER + length);
}

int client_receive(int fd, struct reply *reply)
{
    uint8_t octets[FRAME_HEADER];

    if (receive_all(fd, octets, sizeof octets) < 0)
        return -1;
    struct header header = header_parse(octets);
    if (!header.zero || header.length > sizeof reply->payload - 1)
        return -1;
    reply->type = header.type;
    reply->length = header.length;
    return receive_all(fd, reply->payload, header.length);
}

struct confine_request client_request(const char *context, const char *folder)
{
    return (struct confine_request){
        .version = PROTOCOL_VERSION,
        .way = PROTOCOL_WAY_FILES,
        .progress_timeout = 60000,
        .context = context,
        .request_id = "test-1",
        .user = "",
        .group = "",
        .capabilities = "",
        .roots = 1,
        .mount = "",
        .folder = folder,
        .flags = PROTOCOL_ROOT_READ_ONLY,
    };
}

/* Names with a comma between them. */
static void put_capabilities(struct writer *w, const char *names)
{
    size_t at = w->used;
    uint16_t count = 0;

    put_u16(w, 0);
    while (*names != '\0') {
        size_t length = strcspn(names, ",");
        put_string(w, names, length);
        names += length + (names[length] == ',');
        count++;
    }
    patch_u16(w, at, count);
}

static void put_root(struct writer *w, const char *mount, const char *folder, uint16_t flags)
{
    put_string(w, mount, strlen(mount));
    put_string(w, folder, strlen(folder));
    put_u16(w, flags);
}

size_t client_confine_frame(const struct confine_request *request, uint8_t *frame, size_t size)
{
    struct writer w = {.start = frame, .size = size};

    frame_begin(&w, REQUEST_CONFINE);
    put_u16(&w, request->version);
    put_u16(&w, request->way);
    put_u32(&w, request->progress_timeout);
    put_u32(&w, request->total_timeout);
    put_string(&w, request->context, strlen(request->context));
    put_string(&w, request->request_id, strlen(request->request_id));
    put_string(&w, request->user, strlen(request->user));
    put_string(&w, request->group, strlen(request->group));
    put_capabilities(&w, request->capabilities);
    put_u64(&w, request->memory);
    put_u32(&w, request->cpu_time);
    put_u64(&w, request->file_size);
    put_u16(&w, request->open_files);
    put_u16(&w, request->processes);
    put_u16(&w, request->roots);
    if (request->roots > 0)
        put_root(&w, request->mount, request->folder, request->flags);
    for (unsigned i = 0; i < request->more_count; i++)
        put_root(&w, request->more[i].mount, request->more[i].folder, request->more[i].flags);
    return frame_end(&w);
}

int client_confine(int fd, const struct confine_request *request, struct confined *confined,
                   struct reply *reply)
{
    uint8_t frame[FRAME_HEADER + FRAME_MAX_CONFINE];
    size_t size = client_confine_frame(request, frame, sizeof frame);

    if (size == 0 || send_all(fd, frame, size) < 0 || client_receive(fd, reply) < 0)
        return -1;
    struct reader r = {.at = reply->payload, .left = reply->length};
    if (reply->type == REPLY_FAILED)
        return take_u16(&r);
    if (reply->type != REPLY_CONFINED)
        return -1;
    confined->pid = (pid_t)take_u32(&r);
    confined->measures = take_u32(&r);
    struct text context = take_string(&r);
    if (!reader_complete(&r) || context.length >= sizeof confined->context)
        return -1;
    memcpy(confined->context, context.octets, context.length);
    confined->context[context.length] = '\0';
    return 0;
}

int client_failure(const struct reply *reply, char *message, size_t size)
{
    struct reader r = {.at = (uint8_t *)reply->payload, .left = reply->length};

    message[0] = '\0';
    take_u16(&r);
    int error = take_u16(&r);
    struct text t = take_string(&r);
    if (!reader_complete(&r) || t.length >= size)
        return -1;
    memcpy(message, t.octets, t.length);
    message[t.length] = '\0';
    return error;
}

int client_path(int fd, uint16_t type, const char *path)
{
    uint8_t payload[FRAME_MAX_REQUEST];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_string(&w, path, strlen(path));
    return w.full ? -1 : client_send(fd, type, payload, w.used);
}

int client_open(int fd, const char *path, uint32_t wanted)
{
    uint8_t payload[FRAME_MAX_REQUEST];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_string(&w, path, strlen(path));
    put_u32(&w, wanted);
    return w.full ? -1 : client_send(fd, REQUEST_OPEN, payload, w.used);
}

int client_data(int fd, struct reply *reply)
{
    return client_receive(fd, reply) < 0 || reply->type != REPLY_DATA ? -1 : 0;
}

static void take_outcome(struct reader *r, struct found *found)
{
    found->error = take_u16(r);
    found->refused = take_u16(r);
    found->root = take_u16(r);
}

int client_attributes(int fd, struct found *found, struct reply *reply)
{
    if (client_receive(fd, reply) < 0 || reply->type != REPLY_ATTRIBUTES)
        return -1;
    struct reader r = {.at = reply->payload, .left = reply->length};
    take_outcome(&r, found);
    found->kind = take_u16(&r);
    found->handle = take_u16(&r);
    found->size = take_u64(&r);
    found->modified = (int64_t)take_u64(&r);
    found->created = (int64_t)take_u64(&r);
    return reader_complete(&r) ? 0 : -1;
}

int client_read(int fd, uint16_t handle, uint64_t offset, uint32_t length, struct reply *reply)
{
    uint8_t payload[14];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_u16(&w, handle);
    put_u64(&w, offset);
    put_u32(&w, length);
    return client_send(fd, REQUEST_READ, payload, w.used) < 0 ? -1 : client_data(fd, reply);
}

int client_close(int fd, uint16_t handle)
{
    uint8_t payload[2];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_u16(&w, handle);
    return client_send(fd, REQUEST_CLOSE, payload, w.used);
}

int client_outcome(int fd, struct reply *reply, struct found *outcome, client_entry *entry, void *context)
{
    for (;;) {
        if (client_receive(fd, reply) < 0 || reply->type != REPLY_ENTRIES ||
            reply->length > FRAME_MAX_ENTRIES - FRAME_HEADER)
            return -1;
        struct reader r = {.at = reply->payload, .left = reply->length};
        take_outcome(&r, outcome);
        bool last = take_u16(&r) != 0;
        for (unsigned left = take_u16(&r); left > 0; left--) {
            struct found found = {0};
            struct text name = take_string(&r);
            found.kind = take_u16(&r);
            found.root = take_u16(&r);
            found.size = take_u64(&r);
            found.modified = (int64_t)take_u64(&r);
            found.created = (int64_t)take_u64(&r);
            if (r.bad)
                return -1;
            entry(context, name.octets, name.length, &found);
        }
        if (!reader_complete(&r))
            return -1;
        if (last)
            return 0;
    }
}

int client_entries(int fd, struct reply *reply, client_entry *entry, void *context)
{
    struct found outcome;

    return client_outcome(fd, reply, &outcome, entry, context) < 0 ? -1 : outcome.error;
}

int client_done(int fd, struct found *outcome, struct reply *reply)
{
    *outcome = (struct found){0};
    if (client_receive(fd, reply) < 0 || reply->type != REPLY_DONE)
        return -1;
    struct reader r = {.at = reply->payload, .left = reply->length};
    take_outcome(&r, outcome);
    return reader_complete(&r) ? 0 : -1;
}

int client_path_and(int fd, uint16_t type, const char *path, uint16_t number)
{
    uint8_t payload[FRAME_MAX_REQUEST];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_string(&w, path, strlen(path));
    put_u16(&w, number);
    return w.full ? -1 : client_send(fd, type, payload, w.used);
}

int client_content(int fd, const void *octets, size_t length)
{
    return client_send(fd, REQUEST_CONTENT, octets, length);
}

int client_commit(int fd)
{
    return client_send(fd, REQUEST_COMMIT, NULL, 0);
}
