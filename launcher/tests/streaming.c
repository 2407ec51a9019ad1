/* SPDX-License-Identifier: Apache-2.0 */
/* What goes through a program, both ways, in any amount and order. */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol.h"

enum {
    MEGABYTES = 300,
    PIECE = 65536,
};

/* Memory of its own that a process has, in KiB. */
static long private_memory(pid_t pid)
{
    char path[64];
    char line[256];
    long sum = 0;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        long kib;
        if (sscanf(line, "Private_Dirty: %ld kB", &kib) == 1)
            sum += kib;
    }
    fclose(f);
    return sum;
}

/* Frames out and in, as each side allows, without ever waiting for one of them. */
struct duplex {
    int fd;
    uint8_t frame[FRAME_HEADER + PIECE];
    size_t at;
    uint64_t left; /* octets still to give; STDIN_END behind them */
    bool ended;
    uint64_t got;
    uint64_t wrong;
};

static bool give_some(struct duplex *d)
{
    if (d->at == 0 && d->left == 0) {
        if (d->ended)
            return false;
        d->ended = true;
        give_end(d->fd);
        return true;
    }
    if (d->at == 0) {
        header_write(d->frame, REQUEST_STDIN, PIECE);
        memset(d->frame + FRAME_HEADER, (int)(d->left / PIECE % 251), PIECE);
    }
    ssize_t n = send(d->fd, d->frame + d->at, sizeof d->frame - d->at, MSG_DONTWAIT | MSG_NOSIGNAL);
    assert_true(n > 0 || errno == EAGAIN);
    if (n > 0)
        d->at += (size_t)n;
    if (d->at == sizeof d->frame) {
        d->at = 0;
        d->left -= PIECE;
    }
    return true;
}

static void check(struct duplex *d, uint64_t total)
{
    for (uint32_t i = 0; i < reply.length; i += 509)
        d->wrong += reply.payload[i] != (total - (d->got + i) / PIECE * PIECE) / PIECE % 251;
    d->got += reply.length;
}

static void carries_300_megabytes_both_ways_in_constant_memory(void **state)
{
    struct stage *s = *state;
    static struct duplex d;
    const uint64_t total = (uint64_t)MEGABYTES << 20;
    struct confined c;
    long most = 0;

    start_programs(s);
    write_program(s, "cat", "#!/bin/sh\nexec cat\n");
    d = (struct duplex){.fd = ready(s, 0, &c), .left = total};
    run_program(d.fd, "cat");
    for (;;) {
        struct pollfd p = {.fd = d.fd, .events = POLLIN};
        if (!d.ended || d.at > 0)
            p.events |= POLLOUT;
        assert_true(poll(&p, 1, 20000) > 0);
        if ((p.revents & POLLOUT) != 0)
            give_some(&d);
        if ((p.revents & POLLIN) == 0)
            continue;
        uint16_t type = listen_once(d.fd);
        if (type == REPLY_EXITED)
            break;
        assert_int_equal(type, REPLY_STDOUT);
        check(&d, total);
        if (d.got % (32 << 20) < PIECE) {
            long used = private_memory(c.pid);
            most = used > most ? used : most;
        }
    }
    assert_int_equal(outcome.status, 0);
    assert_int_equal(d.got, total);
    assert_int_equal(d.wrong, 0);
    if (!sanitized)
        assert_in_range(most, 1, 400);
    close(d.fd);
    stop(s);
}

static void tells_when_the_program_takes_no_more(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "closes",
                  "#!/bin/sh\nread -r line\nexec <&-\necho closed\n"
                  "while [ ! -e go ]; do sleep 0.05; done\necho $line\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "closes");
    give(fd, "first\n");
    while (!outcome.stdin_closed)
        assert_int_not_equal(listen_once(fd), REPLY_EXITED);
    /* What is on its way nevertheless does no harm. */
    give(fd, "second\n");
    give_end(fd);
    give(fd, "third\n");
    write_file(s->root, "go", "", 0);
    listen_to_end(fd);
    assert_string_equal(outcome.output, "closed\nfirst\n");
    close(fd);
    stop(s);
}

/* More than pipe, helper and socket hold: had output to wait for input, this would never end. */
static void a_program_that_never_reads_can_still_speak(void **state)
{
    struct stage *s = *state;
    static uint8_t frame[FRAME_HEADER + PIECE];
    size_t given = 0;

    start_programs(s);
    write_program(s, "deaf", "#!/bin/sh\nsleep 0.5\nhead -c 3000000 /dev/zero\necho end >&2\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "deaf");
    header_write(frame, REQUEST_STDIN, PIECE);
    for (int i = 0; i < 2000; i++) {
        size_t at = given % sizeof frame;
        ssize_t n = send(fd, frame + at, sizeof frame - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            break;
        given += (size_t)n;
    }
    assert_true(given > PIECE);
    size_t got = 0;
    while (listen_once(fd) != REPLY_EXITED)
        if (reply.type == REPLY_STDOUT)
            got += reply.length;
    assert_int_equal(got, 3000000);
    assert_string_equal(outcome.errors, "end\n");
    close(fd);
    stop(s);
}

static void carries_100_megabytes_of_errors_beside_the_output(void **state)
{
    struct stage *s = *state;
    uint64_t errors = 0;

    start_programs(s);
    write_program(s, "loud", "#!/bin/sh\nhead -c 104857600 /dev/zero >&2 &\necho one; wait; echo two\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "loud");
    while (listen_once(fd) != REPLY_EXITED)
        if (reply.type == REPLY_STDERR)
            errors += reply.length;
    assert_int_equal(errors, 104857600);
    assert_string_equal(outcome.output, "one\ntwo\n");
    close(fd);
    stop(s);
}

static void passes_on_each_line_at_once(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "echo", "#!/bin/sh\nwhile read -r line; do echo \"<$line>\"; done\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "echo");
    give(fd, "one\n");
    listen_for(fd, "<one>\n");
    give(fd, "two\nthr");
    listen_for(fd, "<two>\n");
    give(fd, "ee\n");
    listen_for(fd, "<three>\n");
    give_end(fd);
    listen_to_end(fd);
    assert_string_equal(outcome.output, "<one>\n<two>\n<three>\n");
    close(fd);
    stop(s);
}

int run_streaming(void);
int run_streaming(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(passes_on_each_line_at_once),
        STAGED(carries_300_megabytes_both_ways_in_constant_memory),
        STAGED(tells_when_the_program_takes_no_more),
        STAGED(a_program_that_never_reads_can_still_speak),
        STAGED(carries_100_megabytes_of_errors_beside_the_output),
    };

    return cmocka_run_group_tests_name("streaming", tests, NULL, NULL);
}
