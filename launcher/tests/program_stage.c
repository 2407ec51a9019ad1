/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of programs ask again and again. */
#include "programs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "protocol.h"

struct outcome outcome;

void start_programs(struct stage *s)
{
    start_with(s, (const char *const[]){"--way", "programs", NULL});
}

void write_program(const struct stage *s, const char *name, const char *text)
{
    char path[256];

    write_file(s->root, name, text, strlen(text));
    snprintf(path, sizeof path, "%s/%s", s->root, name);
    assert_int_equal(chmod(path, 0755), 0);
}

struct confine_request program_request(const struct stage *s)
{
    struct confine_request request = client_request("u:r:t:s0", s->root);

    request.way = PROTOCOL_WAY_PROGRAMS;
    return request;
}

int ready_with(const struct stage *s, const struct confine_request *asked, struct confined *c)
{
    static const struct timeval patience = {.tv_sec = 20};
    struct confined unused;
    int fd = confined_as(s, asked, c != NULL ? c : &unused, 0);

    outcome = (struct outcome){0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return fd;
}

int ready(const struct stage *s, unsigned deadline, struct confined *c)
{
    struct confine_request request = program_request(s);

    request.total_timeout = deadline;
    return ready_with(s, &request, c);
}

size_t find_payload(uint8_t *payload, size_t size, const char *prefix, const char *path)
{
    struct writer w = {.start = payload, .size = size};

    put_string(&w, prefix, strlen(prefix));
    put_string(&w, path, strlen(path));
    return w.used;
}

int find(int fd, const char *prefix, const char *path, unsigned *length)
{
    uint8_t payload[FRAME_MAX_FIND];
    size_t size = find_payload(payload, sizeof payload, prefix, path);

    assert_int_equal(client_send(fd, REQUEST_FIND, payload, size), 0);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_FOUND);
    struct reader r = {.at = reply.payload, .left = reply.length};
    int error = take_u16(&r);
    *length = take_u16(&r);
    assert_true(reader_complete(&r));
    return error;
}

static void put_list(struct writer *w, const char *const *list)
{
    uint16_t count = 0;

    while (list != NULL && list[count] != NULL)
        count++;
    put_u16(w, count);
    for (uint16_t i = 0; i < count; i++)
        put_string(w, list[i], strlen(list[i]));
}

size_t run_payload(uint8_t *payload, size_t size, const struct run_request *request)
{
    struct writer w = {.start = payload, .size = size};
    const char *interpreter = request->interpreter == NULL ? "" : request->interpreter;

    put_u16(&w, request->expected);
    put_u16(&w, request->flags);
    put_string(&w, interpreter, strlen(interpreter));
    put_list(&w, request->interpreter_arguments);
    put_list(&w, request->arguments);
    put_list(&w, request->variables);
    return w.used;
}

void add_frame(uint8_t *octets, size_t *used, uint16_t type, const void *payload, size_t length)
{
    assert_true(*used + FRAME_HEADER + length <= 4096);
    header_write(octets + *used, type, (uint32_t)length);
    if (length > 0)
        memcpy(octets + *used + FRAME_HEADER, payload, length);
    *used += FRAME_HEADER + length;
}

int run(int fd, const struct run_request *request, pid_t *pid)
{
    uint8_t payload[FRAME_MAX_RUN];
    size_t size = run_payload(payload, sizeof payload, request);

    assert_int_equal(client_send(fd, REQUEST_RUN, payload, size), 0);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_STARTED);
    struct reader r = {.at = reply.payload, .left = reply.length};
    int error = take_u16(&r);
    *pid = (pid_t)take_u32(&r);
    struct text why = take_string(&r);
    snprintf(outcome.why, sizeof outcome.why, "%.*s", (int)why.length, why.octets);
    assert_true(reader_complete(&r));
    return error;
}

pid_t run_program(int fd, const char *name)
{
    static const char *const variables[] = {"PATH=/usr/local/bin:/usr/bin:/bin", NULL};
    const struct run_request request = {.variables = variables};
    unsigned length;
    pid_t pid = 0;

    assert_int_equal(find(fd, "", name, &length), 0);
    assert_int_equal(run(fd, &request, &pid), 0);
    return pid;
}

void give(int fd, const char *octets)
{
    assert_int_equal(client_send(fd, REQUEST_STDIN, octets, strlen(octets)), 0);
}

void give_end(int fd)
{
    /* The program may have ended, and its helper with it: what that said is still to be read. */
    client_send(fd, REQUEST_STDIN_END, NULL, 0);
}

static void add(char *to, size_t *length, const struct reply *r)
{
    size_t n = sizeof outcome.output - 1 - *length;

    if (n > r->length)
        n = r->length;
    memcpy(to + *length, r->payload, n);
    *length += n;
    to[*length] = '\0';
}

uint16_t listen_once(int fd)
{
    struct reader r = {.at = reply.payload};

    assert_int_equal(client_receive(fd, &reply), 0);
    r.left = reply.length;
    switch (reply.type) {
    case REPLY_STDOUT:
        outcome.output_ended = reply.length == 0;
        add(outcome.output, &outcome.output_length, &reply);
        break;
    case REPLY_STDERR:
        add(outcome.errors, &outcome.errors_length, &reply);
        break;
    case REPLY_STDIN_CLOSED:
        outcome.stdin_closed = true;
        break;
    case REPLY_EXITED:
        outcome.killed = take_u16(&r);
        outcome.status = take_u16(&r);
        outcome.limit = take_u16(&r);
        assert_true(reader_complete(&r));
        break;
    default:
        fail();
    }
    return reply.type;
}

void listen_to_end(int fd)
{
    while (listen_once(fd) != REPLY_EXITED)
        ;
}

void listen_for(int fd, const char *words)
{
    while (strstr(outcome.output, words) == NULL)
        assert_int_not_equal(listen_once(fd), REPLY_EXITED);
}
