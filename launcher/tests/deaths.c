/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long it takes until nobody is left, whatever ended a request, by the ends of the processes themselves.
 * The median of three counts: a machine that stands still now and then makes no difference, a second that is
 * waited for does.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "programs.h"
#include "protocol.h"

enum {
    TIMES = 3,
    WATCHED = 32,
    DEADLINE_MS = 4000, /* long enough for all that comes before it, however busy the machine is */
    LARGE = 8 << 20,    /* octets of a file that nobody reads to its end */
};

enum cause { DEADLINE, CLIENT_GONE, TOMCAT_KILLED, LAUNCHER_TOLD, LAUNCHER_KILLED, CAUSES };

static const char *const names[CAUSES] = {"the deadline passes", "the client goes away", "Tomcat is killed",
                                          "the launcher is told to end", "the launcher is killed"};

/* Those that must end. */
static struct pollfd watched[WATCHED];
static nfds_t watched_count;

static void watch(pid_t pid)
{
    assert_true(watched_count < WATCHED);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(fd >= 0);
    watched[watched_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* When the last of them has ended. */
static double all_ended(void)
{
    for (nfds_t left = watched_count; left > 0;) {
        assert_true(poll(watched, watched_count, PATIENCE_S * 1000) > 0);
        for (nfds_t i = 0; i < watched_count; i++)
            if (watched[i].revents != 0) {
                close(watched[i].fd);
                watched[i].fd = -1;
                watched[i].revents = 0;
                left--;
            }
    }
    watched_count = 0;
    return now();
}

/* A helper in the middle of a file. */
static int serve_file(const struct stage *s, unsigned deadline)
{
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;
    uint8_t octets[64];
    struct writer w = {.start = octets, .size = sizeof octets};
    char path[256];

    write_file(s->root, "large", "", 0);
    snprintf(path, sizeof path, "%s/large", s->root);
    assert_int_equal(truncate(path, LARGE), 0);
    request.total_timeout = deadline;
    int fd = confined_as(s, &request, &c, 0);
    watch(c.pid);
    frame_begin(&w, REQUEST_OPEN);
    put_string(&w, "large", 5);
    put_u32(&w, READ_MAX);
    size_t size = frame_end(&w);
    assert_int_equal(write(fd, octets, size), (ssize_t)size);
    assert_int_equal(client_receive(fd, &reply), 0);
    return fd;
}

/* A program that has left a daemon behind and, like it, ignores what it can. */
static int run_daemon(const struct stage *s, unsigned deadline)
{
    struct confined c;
    const char *said;

    write_program(s, "daemon",
                  "#!/bin/bash\n"
                  "trap '' TERM HUP INT\n"
                  "(setsid bash -c 'echo pid $$ end; exec sleep 1000' &)\n"
                  "sleep 1000\n");
    int fd = ready(s, deadline, &c);
    watch(c.pid);
    watch(run_program(fd, "daemon"));
    while ((said = strstr(outcome.output, "pid ")) == NULL || strstr(said, " end") == NULL)
        assert_int_equal(listen_once(fd), REPLY_STDOUT);
    watch(atoi(said + 4));
    return fd;
}

/* The launcher, and whoever it has forked, must end as well. */
static void watch_launcher(const struct stage *s)
{
    pid_t children[WATCHED];

    watch(s->launcher);
    size_t count = children_of(s->launcher, children, WATCHED);
    for (size_t i = 0; i < count; i++) {
        int fd = (int)syscall(SYS_pidfd_open, children[i], 0);
        if (fd < 0)
            continue;
        assert_true(watched_count < WATCHED);
        watched[watched_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
}

/* Whoever has what Tomcat has: the connection, and the other end of the launcher's standard input. */
static pid_t be_tomcat(struct stage *s, int fd)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    assert_true(pid > 0);
    close(fd);
    close(s->input);
    return pid;
}

static void bury_launcher(struct stage *s, int expected)
{
    assert_int_equal(exit_status(s->launcher), expected);
    close(s->output);
    close(s->errors);
    s->launcher = 0;
}

/* Seconds from the cause to the end of all. */
static double one(struct stage *s, enum cause cause, bool program)
{
    unsigned deadline = cause == DEADLINE ? DEADLINE_MS : 0;

    if (program)
        start_programs(s);
    else
        start(s);
    double since = now() + DEADLINE_MS / 1e3;
    int fd = program ? run_daemon(s, deadline) : serve_file(s, deadline);
    if (cause >= TOMCAT_KILLED)
        watch_launcher(s);
    pid_t tomcat = cause == TOMCAT_KILLED ? be_tomcat(s, fd) : 0;
    if (cause != DEADLINE)
        since = now();
    if (cause == CLIENT_GONE)
        close(fd);
    if (tomcat > 0)
        kill(tomcat, SIGKILL);
    if (cause == LAUNCHER_TOLD)
        kill(s->launcher, SIGTERM);
    if (cause == LAUNCHER_KILLED)
        kill(s->launcher, SIGKILL);
    double took = all_ended() - since;
    if (tomcat > 0)
        assert_int_equal(waitpid(tomcat, NULL, 0), tomcat);
    if (cause != CLIENT_GONE && cause != TOMCAT_KILLED)
        close(fd);
    if (cause < TOMCAT_KILLED) {
        stop(s);
        return took;
    }
    bury_launcher(s, cause == LAUNCHER_KILLED ? 1000 + SIGKILL : 0);
    if (cause != TOMCAT_KILLED)
        close(s->input);
    return took;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static void all_causes(struct stage *s, bool program)
{
    if (sanitized)
        skip(); /* what takes its own time is not what runs */
    for (enum cause cause = 0; cause < CAUSES; cause++) {
        double took[TIMES];
        for (int i = 0; i < TIMES; i++)
            took[i] = one(s, cause, program);
        qsort(took, TIMES, sizeof took[0], ascending);
        printf("measured: %s, %s: nobody is left after %.0f ms (%.0f to %.0f)\n",
               program ? "a program and its daemon" : "a file", names[cause], took[TIMES / 2] * 1e3,
               took[0] * 1e3, took[TIMES - 1] * 1e3);
        fflush(stdout);
        assert_true(took[TIMES / 2] <= 1);
    }
}

static void nothing_is_left_of_a_file_after_a_second(void **state)
{
    all_causes(*state, false);
}

static void nothing_is_left_of_a_program_after_a_second(void **state)
{
    all_causes(*state, true);
}

int run_deaths(void);

int run_deaths(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(nothing_is_left_of_a_file_after_a_second),
        STAGED(nothing_is_left_of_a_program_after_a_second),
    };

    return cmocka_run_group_tests_name("deaths", tests, NULL, NULL);
}
