/* SPDX-License-Identifier: Apache-2.0 */
/* How launcher and helpers start, end, and take each other along. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

/* ---- who lives and who dies ---- */

static void ends_with_its_client(void **state)
{
    struct stage *s = *state;
    struct confined c;

    start(s);
    int fd = confined(s, &c);
    close(fd);
    assert_true(gone_within_a_second(c.pid));

    /* Also in the middle of an answer. */
    write_file(s->root, "large", "", 0);
    char path[256];
    snprintf(path, sizeof path, "%s/large", s->root);
    assert_int_equal(truncate(path, 1 << 30), 0);
    fd = confined(s, &c);
    struct found f = open_of(fd, "large");
    uint8_t payload[14] = {0, (uint8_t)f.handle, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0};
    assert_int_equal(client_send(fd, REQUEST_READ, payload, sizeof payload), 0);
    pause_ms(50);
    assert_true(alive(c.pid));
    close(fd);
    assert_true(gone_within_a_second(c.pid));
    stop(s);
}

/* A busy machine takes its time to fork. */
static size_t wait_for_children(pid_t pid, size_t wanted, pid_t *pids, size_t size)
{
    size_t n = 0;

    for (int i = 0; i < PATIENCE_S * 100 && n != wanted; i++) {
        pause_ms(10);
        n = children_of(pid, pids, size);
    }
    assert_int_equal(n, wanted);
    return n;
}

/* Starts a launcher with two helpers at work, and returns all its helpers. */
static size_t populate(struct stage *s, int connections[static 2], pid_t *pids, size_t size)
{
    struct confined c;

    start_with(s, (const char *const[]){"--idle", "4", NULL});
    connections[0] = confined(s, &c);
    connections[1] = confined(s, &c);
    return wait_for_children(s->launcher, 6, pids, size);
}

static void assert_all_gone(const pid_t *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(gone_within_a_second(pids[i]));
}

static void ends_with_standard_input(void **state)
{
    struct stage *s = *state;
    int connections[2];
    pid_t pids[16];

    size_t n = populate(s, connections, pids, 16);
    stop(s);
    assert_all_gone(pids, n);
    assert_int_equal(access(s->socket, F_OK), -1);
    assert_closed(connections[0]);
    assert_closed(connections[1]);
}

static void ends_at_sigterm(void **state)
{
    struct stage *s = *state;
    int connections[2];
    pid_t pids[16];

    size_t n = populate(s, connections, pids, 16);
    kill(s->launcher, SIGTERM);
    assert_int_equal(exit_status(s->launcher), 0);
    s->launcher = 0;
    assert_all_gone(pids, n);
    assert_int_equal(access(s->socket, F_OK), -1);
    assert_closed(connections[0]);
    assert_closed(connections[1]);
}

static void leaves_no_helper_when_killed(void **state)
{
    struct stage *s = *state;
    int connections[2];
    pid_t pids[16];

    size_t n = populate(s, connections, pids, 16);
    kill(s->launcher, SIGKILL);
    assert_int_equal(exit_status(s->launcher), 1000 + SIGKILL);
    s->launcher = 0;
    assert_all_gone(pids, n);
    assert_closed(connections[0]);
    assert_closed(connections[1]);

    /* The socket that it left behind does not stop its successor. */
    assert_int_equal(access(s->socket, F_OK), 0);
    start(s);
    close(confined(s, NULL));
    stop(s);
}

static void is_replaced_at_once_when_killed(void **state)
{
    struct stage *s = *state;

    start_with(s, (const char *const[]){"--idle", "64", NULL});
    for (int i = 0; i < 10; i++) {
        kill(s->launcher, SIGKILL);
        assert_int_equal(exit_status(s->launcher), 1000 + SIGKILL);
        start_with(s, (const char *const[]){"--idle", "64", NULL});
    }
    close(confined(s, NULL));
    stop(s);
}

static void reports_a_helper_that_crashed(void **state)
{
    struct stage *s = *state;
    struct confined c;
    char words[64];

    start(s);
    int fd = confined(s, &c);
    kill(c.pid, SIGSYS);
    assert_closed(fd);
    snprintf(words, sizeof words, "helper %d ", c.pid);
    expect_line(s->errors, words);
    close(confined(s, NULL));
    stop(s);
}

static void replaces_helpers_that_died_idle(void **state)
{
    struct stage *s = *state;
    pid_t pids[16];

    start_with(s, (const char *const[]){"--idle", "4", NULL});
    size_t n = wait_for_children(s->launcher, 4, pids, 16);
    for (size_t i = 0; i < n; i++)
        kill(pids[i], SIGKILL);
    expect_line(s->errors, "died before it had a client");
    for (size_t i = 0; i < n; i++)
        assert_true(gone_within_a_second(pids[i]));
    wait_for_children(s->launcher, 4, pids, 16);
    close(confined(s, NULL));
    stop(s);
}

static void serves_more_clients_than_helpers_wait(void **state)
{
    struct stage *s = *state;
    int fds[40];

    start_with(s, (const char *const[]){"--idle", "2", "--max", "64", NULL});
    for (int i = 0; i < 40; i++)
        fds[i] = confined(s, NULL);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(stat_of(fds[i], "hello.txt").error, 0);
        close(fds[i]);
    }
    stop(s);
}

static void has_no_more_helpers_than_allowed(void **state)
{
    struct stage *s = *state;
    pid_t pids[16];
    int fds[3];

    start_with(s, (const char *const[]){"--idle", "2", "--max", "3", NULL});
    for (int i = 0; i < 3; i++)
        fds[i] = confined(s, NULL);
    int late = connected(s);
    struct pollfd p = {.fd = late, .events = POLLIN};
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t frame[512];
    size_t size = client_confine_frame(&request, frame, sizeof frame);
    assert_int_equal(send(late, frame, size, 0), (ssize_t)size);
    assert_int_equal(poll(&p, 1, 300), 0);
    assert_int_equal(children_of(s->launcher, pids, 16), 3);
    close(fds[1]);
    assert_int_equal(poll(&p, 1, PATIENCE_S * 1000), 1);
    assert_int_equal(client_receive(late, &reply), 0);
    assert_int_equal(reply.type, REPLY_CONFINED);
    close(late);
    close(fds[0]);
    close(fds[2]);
    stop(s);
}

static void refuses_a_client_of_another_user(void **state)
{
    struct stage *s = *state;

    if (geteuid() != 0)
        skip();
    start_with(s, (const char *const[]){"--client-uid", "12345", NULL});
    struct stat st;
    assert_int_equal(stat(s->socket, &st), 0);
    assert_int_equal(st.st_uid, 12345);
    int fd = connected(s);
    assert_closed(fd);
    expect_line(s->errors, "has uid 0, expected 12345");
    stop(s);
}

/* ---- starting ---- */

static void assert_start_fails(struct stage *s, int status, const char *words, const char *const *arguments)
{
    execute(s, arguments);
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, status);
    expect_line(s->errors, words);
    close(s->input);
    close(s->output);
    close(s->errors);
}

static void does_not_start_without_selinux(void **state)
{
    struct stage *s = *state;

    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        skip();
    assert_start_fails(s, 69, "launcher: SELinux: disabled",
                       (const char *const[]){"--child", "--socket", s->socket, NULL});
    assert_int_equal(access(s->socket, F_OK), -1);
}

static void says_what_is_wrong_with_the_command_line(void **state)
{
    struct stage *s = *state;

    assert_start_fails(s, 64, "--socket is missing", (const char *const[]){"--child", NULL});
    assert_start_fails(s, 64, "[--frobnicate]: unknown", (const char *const[]){"--frobnicate", NULL});
    assert_start_fails(s, 64, "--idle [0]",
                       (const char *const[]){"--socket", s->socket, "--idle", "0", NULL});
    assert_start_fails(s, 64, "--max [5000]",
                       (const char *const[]){"--socket", s->socket, "--max", "5000", NULL});
    assert_start_fails(s, 64, "more than --max",
                       (const char *const[]){"--socket", s->socket, "--max", "4", "--idle", "5", NULL});
    assert_start_fails(s, 64, "--client-uid [root]",
                       (const char *const[]){"--socket", s->socket, "--client-uid", "root", NULL});
    assert_start_fails(s, 64, "--client-domain [a:b]",
                       (const char *const[]){"--socket", s->socket, "--client-domain", "a:b", NULL});
    assert_start_fails(s, 64, "[extra]", (const char *const[]){"--socket", s->socket, "extra", NULL});
}

static void does_not_start_as_root_without_a_file(void **state)
{
    struct stage *s = *state;

    if (geteuid() != 0)
        skip();
    assert_start_fails(s, 77, "root, without --config",
                       (const char *const[]){"--not-enforcing", "--socket", s->socket, NULL});
    assert_int_equal(access(s->socket, F_OK), -1);
}

static void says_why_it_cannot_listen(void **state)
{
    struct stage *s = *state;
    struct stage second = *s;
    const char *const again[] = {"--child", "--not-enforcing", "--socket", s->socket, NULL};
    char path[256];

    start(s);
    assert_start_fails(&second, 73, "in use by a running program", again);
    close(confined(s, NULL));
    stop(s);

    write_file(s->folder, "socket", "precious", 8);
    assert_start_fails(&second, 73, "is not a socket", again);
    assert_int_equal(access(s->socket, F_OK), 0);

    memset(path, 'a', 200);
    path[0] = '/';
    path[200] = '\0';
    assert_start_fails(&second, 73, "longer than",
                       (const char *const[]){"--child", "--not-enforcing", "--socket", path, NULL});
    assert_start_fails(&second, 73, "does not exist",
                       (const char *const[]){"--child", "--not-enforcing", "--socket", "/nowhere/s", NULL});
    assert_start_fails(&second, 73, "names a folder",
                       (const char *const[]){"--child", "--not-enforcing", "--socket", "/tmp/", NULL});
}

static void makes_a_socket_for_its_user_only(void **state)
{
    struct stage *s = *state;
    struct stat st;

    start(s);
    assert_int_equal(stat(s->socket, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0600);
    stop(s);
}

static void leaves_another_launchers_socket_alone(void **state)
{
    struct stage *s = *state;
    struct stage second = *s;
    struct stat before;
    struct stat after;

    /* The name was taken away and given to another one meanwhile. */
    start(s);
    assert_int_equal(unlink(s->socket), 0);
    start(&second);
    assert_int_equal(stat(s->socket, &before), 0);
    stop(s);
    assert_int_equal(stat(s->socket, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    close(confined(&second, NULL));
    stop(&second);
}

static void prepare_badly(const struct stage *s)
{
    sigset_t all;

    (void)s;
    for (int fd = 50; fd < 100; fd++)
        dup2(0, fd);
    signal(SIGALRM, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static void does_not_depend_on_how_it_was_started(void **state)
{
    struct stage *s = *state;
    char line[512];
    char path[64];

    execute_prepared(s,
                     (const char *const[]){"--child", "--not-enforcing", "--socket", s->socket, "--max", "4",
                                           "--idle", "2", NULL},
                     prepare_badly);
    assert_true(read_line(s->output, line, sizeof line));
    for (int fd = 50; fd < 100; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", s->launcher, fd);
        assert_int_equal(access(path, F_OK), -1);
    }
    for (int i = 0; i < 8; i++)
        close(confined(s, NULL));
    assert_closed(connected(s));
}

int run_living(void);

int run_living(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(ends_with_its_client),
        STAGED(ends_with_standard_input),
        STAGED(ends_at_sigterm),
        STAGED(leaves_no_helper_when_killed),
        STAGED(is_replaced_at_once_when_killed),
        STAGED(reports_a_helper_that_crashed),
        STAGED(replaces_helpers_that_died_idle),
        STAGED(serves_more_clients_than_helpers_wait),
        STAGED(has_no_more_helpers_than_allowed),
        STAGED(refuses_a_client_of_another_user),
        STAGED(does_not_start_without_selinux),
        STAGED(says_what_is_wrong_with_the_command_line),
        STAGED(does_not_start_as_root_without_a_file),
        STAGED(says_why_it_cannot_listen),
        STAGED(makes_a_socket_for_its_user_only),
        STAGED(leaves_another_launchers_socket_alone),
        STAGED(does_not_depend_on_how_it_was_started),
    };

    return cmocka_run_group_tests_name("living", tests, NULL, NULL);
}
