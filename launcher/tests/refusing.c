/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and silences that end a helper. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

/* ---- frames that end the helper ---- */

static void ends_at_a_request_before_confine(void **state)
{
    struct stage *s = *state;

    start(s);
    for (uint16_t type = 0; type < 100; type++) {
        if (type == REQUEST_CONFINE)
            continue;
        int fd = connected(s);
        assert_int_equal(client_send(fd, type, "\0\0", 2), 0);
        assert_closed(fd);
    }
    stop(s);
}

static void ends_at_a_request_out_of_turn(void **state)
{
    struct stage *s = *state;

    start(s);
    for (uint16_t type = 0; type < 100; type++) {
        if ((type >= REQUEST_STAT && type <= REQUEST_LIST) || type == REQUEST_MKDIR || type == REQUEST_DELETE)
            continue;
        int fd = confined(s, NULL);
        /* A path, and no more. */
        client_send(fd, type, "\0\0", 2);
        assert_closed(fd);
    }
    stop(s);
}

static void ends_at_a_malformed_request(void **state)
{
    struct stage *s = *state;
    static const struct {
        uint16_t type;
        size_t length;
        const char *payload;
    } bad[] = {
        {REQUEST_STAT, 0, ""},
        {REQUEST_STAT, 1, "\0"},
        {REQUEST_STAT, 2, "\0\1"},
        {REQUEST_STAT, 4, "\0\1aa"},
        {REQUEST_STAT, 4, "\0\2a\0"},
        {REQUEST_OPEN, 3, "\0\1a"},
        {REQUEST_OPEN, 8, "\0\1a\0\0\0\0\0"},
        {REQUEST_OPEN, 7, "\0\1a\0\20\0\1"},
        {REQUEST_LIST, 3, "\0\1"},
        {REQUEST_LIST, 5, "\0\3a\0b"},
        {REQUEST_CLOSE, 1, "\0"},
        {REQUEST_CLOSE, 2, "\0\0"},
        {REQUEST_CLOSE, 2, "\0\2"},
        {REQUEST_CLOSE, 2, "\0\21"},
        {REQUEST_CLOSE, 2, "\377\377"},
        {REQUEST_CLOSE, 3, "\0\1\0"},
        {REQUEST_MKDIR, 3, "\0\1"},
        {REQUEST_MKDIR, 5, "\0\1a\0\0"},
        {REQUEST_DELETE, 4, "\0\1aa"},
        {REQUEST_CREATE, 3, "\0\1a"},
        {REQUEST_CREATE, 5, "\0\1a\0\3"},
        {REQUEST_CREATE, 6, "\0\1a\0\0\0"},
        {REQUEST_ACCESS, 3, "\0\1a"},
        {REQUEST_ACCESS, 5, "\0\1a\0\10"},
        {REQUEST_READ, 13, "\0\1\0\0\0\0\0\0\0\0\0\0\1"},
        {REQUEST_READ, 15, "\0\1\0\0\0\0\0\0\0\0\0\0\0\1\0"},
        {REQUEST_READ, 14, "\0\1\0\0\0\0\0\0\0\0\0\0\0\0"},
        {REQUEST_READ, 14, "\0\1\0\0\0\0\0\0\0\0\0\20\0\1"},
        {REQUEST_READ, 14, "\0\2\0\0\0\0\0\0\0\0\0\0\0\1"},
        {REQUEST_STAT, FRAME_MAX_REQUEST + 1, NULL},
    };

    start(s);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        static const char zeros[FRAME_MAX_REQUEST + 1];
        int fd = confined(s, NULL);
        assert_int_equal(open_of(fd, "hello.txt").handle, 1);
        client_send(fd, bad[i].type, bad[i].payload != NULL ? bad[i].payload : zeros, bad[i].length);
        assert_closed(fd);
    }
    int fd = confined(s, NULL);
    assert_int_equal(send(fd, "\0\0\0\2\0\2\0\1\0\0", 10, 0), 10);
    assert_closed(fd);
    stop(s);
}

static void assert_failed(struct stage *s, struct confine_request request, int reason)
{
    char message[4096];
    struct confined c;

    int fd = confined_as(s, &request, &c, reason);
    assert_true(client_failure(&reply, message, sizeof message) >= 0);
    assert_true(strlen(message) > 0);
    assert_closed(fd);
}

static void refuses_a_confine_that_asks_wrongly(void **state)
{
    struct stage *s = *state;
    char long_context[CONTEXT_MAX + 2];
    char long_id[REQUEST_ID_MAX + 2];

    memset(long_context, 'a', sizeof long_context);
    long_context[sizeof long_context - 1] = '\0';
    memset(long_id, 'a', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    start(s);
    const struct confine_request good = client_request("u:r:t:s0", s->root);
#define WITH(field, value, reason)                                                                           \
    do {                                                                                                     \
        struct confine_request request = good;                                                               \
        request.field = (value);                                                                             \
        assert_failed(s, request, reason);                                                                   \
    } while (0)
    WITH(version, 0, FAILED_MALFORMED);
    WITH(version, 2, FAILED_MALFORMED);
    WITH(way, 0, FAILED_NOT_ALLOWED);
    WITH(way, 2, FAILED_NOT_ALLOWED);
    WITH(way, 3, FAILED_NOT_ALLOWED);
    WITH(progress_timeout, 0, FAILED_NOT_ALLOWED);
    WITH(context, "", FAILED_MALFORMED);
    WITH(context, long_context, FAILED_MALFORMED);
    WITH(request_id, "", FAILED_MALFORMED);
    WITH(request_id, long_id, FAILED_MALFORMED);
    WITH(request_id, "a b", FAILED_MALFORMED);
    WITH(request_id, "a\nb", FAILED_MALFORMED);
    WITH(user, "nobody", FAILED_NOT_ALLOWED);
    WITH(group, "nogroup", FAILED_NOT_ALLOWED);
    WITH(capabilities, "CAP_CHOWN", FAILED_NOT_ALLOWED);
    WITH(user, "0", FAILED_NOT_ALLOWED);
    WITH(group, "root", FAILED_NOT_ALLOWED);
    WITH(processes, 1, FAILED_NOT_ALLOWED);
    WITH(roots, 2, FAILED_MALFORMED);
    WITH(mount, "/", FAILED_MALFORMED);
    WITH(folder, "", FAILED_MALFORMED);
    WITH(folder, "relative", FAILED_MALFORMED);
    WITH(folder, "/nowhere/at/all", FAILED_ROOT);
    WITH(folder, "/etc/passwd", FAILED_ROOT);
    WITH(flags, 2, FAILED_NOT_ALLOWED);
    WITH(flags, 3, FAILED_ROOT); /* a folder is no archive */
    WITH(flags, 5, FAILED_NOT_ALLOWED);
#undef WITH
    stop(s);
}

static void refuses_a_confine_whose_frame_is_wrong(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t frame[FRAME_HEADER + FRAME_MAX_CONFINE];

    start(s);
    size_t size = client_confine_frame(&request, frame, sizeof frame);
    for (size_t length = 0; length < size - FRAME_HEADER; length += 7) {
        int fd = connected(s);
        assert_int_equal(client_send(fd, REQUEST_CONFINE, frame + FRAME_HEADER, length), 0);
        assert_int_equal(client_receive(fd, &reply), 0);
        assert_int_equal(reply.type, REPLY_FAILED);
        assert_closed(fd);
    }
    frame[7] = 1;
    int fd = connected(s);
    assert_int_equal(send(fd, frame, size, 0), (ssize_t)size);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_FAILED);
    assert_closed(fd);
    fd = connected(s);
    assert_int_equal(send(fd, "\0\1\0\1\0\1\0\0", 8, 0), 8);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_FAILED);
    assert_closed(fd);
    stop(s);
}

/* ---- deadlines ---- */

static void cuts_a_frame_that_does_not_come_within_a_second(void **state)
{
    struct stage *s = *state;

    start(s);
    double before = now();
    int silent = connected(s);
    int half = connected(s);
    /* Too late already where this process was kept waiting: then it is one more that says nothing. */
    send(half, "\0\0\0\100\0\1\0\0ab", 10, MSG_NOSIGNAL);
    assert_closed(silent);
    assert_closed(half);
    double took = now() - before;
    assert_true(took > 0.9 && took < PATIENCE_S);
    stop(s);
}

static void cuts_a_frame_that_dribbles(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t frame[FRAME_HEADER + FRAME_MAX_CONFINE];

    start(s);
    size_t size = client_confine_frame(&request, frame, sizeof frame);
    double before = now();
    int fd = connected(s);
    for (size_t i = 0; i < size; i++) {
        if (send(fd, frame + i, 1, MSG_NOSIGNAL) < 0)
            break;
        pause_ms(50);
    }
    double took = now() - before;
    assert_true(took > 0.9 && took < PATIENCE_S);
    assert_closed(fd);
    stop(s);
}

static void ends_after_a_time_without_a_request(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;

    start(s);
    request.progress_timeout = 3000;
    int fd = confined_as(s, &request, &c, 0);
    double before = now();
    for (int i = 0; i < 4; i++) {
        pause_ms(800);
        before = now();
        assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    }
    assert_closed(fd);
    assert_true(now() - before > 2.9 && now() - before < PATIENCE_S);
    assert_true(gone_within_a_second(c.pid));
    stop(s);
}

static void ends_when_nobody_takes_the_answer(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;
    char path[256];

    snprintf(path, sizeof path, "%s/sparse", s->root);
    write_file(s->root, "sparse", "", 0);
    assert_int_equal(truncate(path, 1 << 30), 0);
    start(s);
    request.progress_timeout = 3000;
    int fd = confined_as(s, &request, &c, 0);
    struct found f = open_of(fd, "sparse");
    uint8_t payload[14] = {0, (uint8_t)f.handle, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0};
    for (int i = 0; i < 4; i++)
        assert_int_equal(client_send(fd, REQUEST_READ, payload, sizeof payload), 0);
    assert_true(gone_within_a_second(c.pid));
    close(fd);
    stop(s);
}

static void ends_when_the_total_time_is_up(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;
    struct found f;

    start(s);
    request.total_timeout = 400;
    double before = now();
    int fd = confined_as(s, &request, &c, 0);
    while (now() - before < PATIENCE_S && client_path(fd, REQUEST_STAT, "hello.txt") == 0 &&
           client_attributes(fd, &f, &reply) == 0)
        pause_ms(20);
    assert_true(now() - before > 0.39 && now() - before < PATIENCE_S);
    close(fd);
    expect_line(s->errors, "its time was up");
    stop(s);
}

int run_refusing(void);

int run_refusing(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(ends_at_a_request_before_confine),
        STAGED(ends_at_a_request_out_of_turn),
        STAGED(ends_at_a_malformed_request),
        STAGED(refuses_a_confine_that_asks_wrongly),
        STAGED(refuses_a_confine_whose_frame_is_wrong),
        STAGED(cuts_a_frame_that_does_not_come_within_a_second),
        STAGED(cuts_a_frame_that_dribbles),
        STAGED(ends_after_a_time_without_a_request),
        STAGED(ends_when_nobody_takes_the_answer),
        STAGED(ends_when_the_total_time_is_up),
    };

    return cmocka_run_group_tests_name("refusing", tests, NULL, NULL);
}
