/* SPDX-License-Identifier: Apache-2.0 */
/* What a program may use up, and what is said of one that wants more. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "programs.h"
#include "protocol.h"

/* Runs it to its end, with what CONFINE asks for. */
static void run_limited(const struct stage *s, const struct confine_request *request, const char *name)
{
    int fd = ready_with(s, request, NULL);

    run_program(fd, name);
    give_end(fd);
    listen_to_end(fd);
    assert_closed(fd);
}

static void tells_that_processor_time_is_used_up(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);

    start_programs(s);
    request.cpu_time = 1;
    write_program(s, "itself", "#!/bin/sh\nwhile :; do :; done\n");
    write_program(s, "command", "#!/bin/sh\nsh -c 'while :; do :; done'\n");
    write_program(s, "other", "#!/bin/sh\nkill -KILL $$\n");
    run_limited(s, &request, "itself");
    assert_int_equal(outcome.killed, 1);
    assert_int_equal(outcome.limit, LIMIT_PROCESSOR);
    run_limited(s, &request, "command");
    assert_int_equal(outcome.killed, 0);
    assert_int_equal(outcome.limit, LIMIT_PROCESSOR);
    run_limited(s, &request, "other");
    assert_int_equal(outcome.killed, 1);
    assert_int_equal(outcome.limit, LIMIT_NONE);
    stop(s);
}

static void tells_that_a_file_became_too_long(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);

    start_programs(s);
    request.file_size = 4096;
    write_program(s, "itself", "#!/bin/sh\nexec head -c 100000 /dev/zero >../itself.out\n");
    write_program(s, "command", "#!/bin/sh\nhead -c 100000 /dev/zero >../command.out\n");
    write_program(s, "short", "#!/bin/sh\nhead -c 4096 /dev/zero >../short.out\n");
    run_limited(s, &request, "itself");
    assert_int_equal(outcome.limit, LIMIT_FILE_SIZE);
    run_limited(s, &request, "command");
    assert_int_equal(outcome.limit, LIMIT_FILE_SIZE);
    run_limited(s, &request, "short");
    assert_int_equal(outcome.status, 0);
    assert_int_equal(outcome.limit, LIMIT_NONE);
    stop(s);
}

/* The kernel tells nobody but the program itself, so what is said is a guess. */
static void gives_no_more_memory(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);

    /* A sanitizer has more from the start. */
    if (sanitized)
        skip();
    start_programs(s);
    request.memory = 32 << 20;
    write_program(s, "much", "#!/bin/sh\nx=$(head -c 60000000 /dev/zero | tr '\\0' x)\necho \"${#x}\"\n");
    run_limited(s, &request, "much");
    assert_true(outcome.killed != 0 || outcome.status != 0);
    assert_int_equal(outcome.limit, LIMIT_MEMORY_PERHAPS);
    /* Whoever fails for another reason, or does not fail, is not suspected. */
    write_program(s, "little", "#!/bin/sh\nexit 1\n");
    run_limited(s, &request, "little");
    assert_int_equal(outcome.status, 1);
    assert_int_equal(outcome.limit, LIMIT_NONE);
    write_program(s, "enough", "#!/bin/sh\nhead -c 20000000 /dev/zero | tail -c 20000000 >/dev/null\n");
    run_limited(s, &request, "enough");
    assert_int_equal(outcome.status, 0);
    assert_int_equal(outcome.limit, LIMIT_NONE);
    request.memory = 0;
    run_limited(s, &request, "much");
    assert_string_equal(outcome.output, "60000000\n");
    stop(s);
}

/* No octet either way: neither a program that waits for nothing nor a client that reads nothing is waited
 * for. */
static void ends_a_program_that_is_silent_for_too_long(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);
    struct confined c;

    start_programs(s);
    request.progress_timeout = 1000;
    write_program(s, "silent", "#!/bin/sh\necho said; exec sleep 1000\n");
    write_program(s, "yes", "#!/bin/sh\nexec yes\n");
    double before = now();
    run_limited(s, &request, "silent");
    assert_true(now() - before >= 0.9);
    assert_string_equal(outcome.output, "said\n");
    assert_int_equal(outcome.limit, LIMIT_SILENCE);
    int fd = ready_with(s, &request, &c);
    pid_t pid = run_program(fd, "yes");
    assert_true(gone_within_a_second(pid));
    assert_true(gone_within_a_second(c.pid));
    close(fd);
    stop(s);
}

static void leaves_alone_what_goes_on(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);

    start_programs(s);
    request.progress_timeout = 3000;
    write_program(s, "speaks", "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; echo $i; done\n");
    run_limited(s, &request, "speaks");
    assert_int_equal(outcome.limit, LIMIT_NONE);
    assert_int_equal(outcome.status, 0);
    stop(s);
}

static void counts_processes_only_in_cgroups(void **state)
{
    struct stage *s = *state;
    struct confine_request request = program_request(s);
    struct confined c;
    char message[4096];

    start_programs(s);
    request.processes = 10;
    int fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
    client_failure(&reply, message, sizeof message);
    assert_non_null(strstr(message, "a limit to processes: only a launcher that is a service"));
    assert_closed(fd);
    stop(s);
}

/* ---- a kernel that does not say whose child a process is ---- */

/* CAP_SYS_ADMIN is needed for it, as root has where tests are run. */
static void hide_children(const struct stage *s)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task/%d", getpid(), getpid());
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount(s->root, path, NULL, MS_BIND, NULL) < 0)
        _exit(99);
}

static void does_not_start_where_nobody_can_find_what_programs_leave_running(void **state)
{
    struct stage *s = *state;

    if (geteuid() != 0)
        skip();
    execute_prepared(
        s,
        (const char *const[]){"--child", "--not-enforcing", "--socket", s->socket, "--way", "programs", NULL},
        hide_children);
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, EX_OSERR);
    expect_line(s->errors, "/proc/thread-self/children: No such file or directory: without it nobody can");
    close(s->input);
    close(s->output);
    close(s->errors);
}

/* ---- everything in one write ---- */

/* CONFINE, FIND and RUN with its input; `expected` of RUN. */
static int ask_at_once(const struct stage *s, const char *path, uint16_t expected)
{
    static const char *const variables[] = {"A=1", NULL};
    struct confine_request request = program_request(s);
    struct run_request wanted = {.expected = expected, .variables = variables};
    uint8_t octets[4096];
    uint8_t payload[2048];
    size_t used = client_confine_frame(&request, octets, sizeof octets);
    int fd = connected(s);

    outcome = (struct outcome){0};
    add_frame(octets, &used, REQUEST_FIND, payload, find_payload(payload, sizeof payload, "", path));
    add_frame(octets, &used, REQUEST_RUN, payload, run_payload(payload, sizeof payload, &wanted));
    add_frame(octets, &used, REQUEST_STDIN, "input", 5);
    add_frame(octets, &used, REQUEST_STDIN_END, NULL, 0);
    assert_int_equal(send(fd, octets, used, MSG_NOSIGNAL), used);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_CONFINED);
    return fd;
}

static int taken_u16(uint16_t type, size_t at)
{
    assert_int_equal(reply.type, type);
    assert_true(reply.length >= at + 2);
    return reply.payload[at] << 8 | reply.payload[at + 1];
}

static void runs_what_is_asked_for_in_one_write(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "echo", "#!/bin/sh\necho $A; cat\n");
    int fd = ask_at_once(s, "echo/info", 4);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_FOUND, 0), 0);
    assert_int_equal(taken_u16(REPLY_FOUND, 2), 4);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_STARTED, 0), 0);
    listen_to_end(fd);
    assert_string_equal(outcome.output, "1\ninput");
    assert_closed(fd);
    stop(s);
}

/* What was meant for a program of another name does not reach this one. */
static void runs_nothing_that_is_not_what_was_expected(void **state)
{
    struct stage *s = *state;
    struct run_request run_it = {.expected = 4};
    pid_t pid;

    start_programs(s);
    write_program(s, "echo", "#!/bin/sh\necho ran; cat\n");
    int fd = ask_at_once(s, "echo/info", 9);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_FOUND, 2), 4);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_STARTED, 0), ESTALE);
    assert_int_equal(run(fd, &run_it, &pid), 0);
    give(fd, "for it");
    give_end(fd);
    listen_to_end(fd);
    assert_string_equal(outcome.output, "ran\nfor it");
    assert_closed(fd);
    /* Where there is none, no guess of its name makes one. */
    fd = ask_at_once(s, "none", 4);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_FOUND, 0), ENOENT);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(taken_u16(REPLY_STARTED, 0), ENOENT);
    assert_closed(fd);
    stop(s);
}

int run_limits(void);
int run_limits(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(tells_that_processor_time_is_used_up),
        STAGED(tells_that_a_file_became_too_long),
        STAGED(gives_no_more_memory),
        STAGED(ends_a_program_that_is_silent_for_too_long),
        STAGED(leaves_alone_what_goes_on),
        STAGED(counts_processes_only_in_cgroups),
        STAGED(does_not_start_where_nobody_can_find_what_programs_leave_running),
        STAGED(runs_what_is_asked_for_in_one_write),
        STAGED(runs_nothing_that_is_not_what_was_expected),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
