/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher as a service: a socket that was passed to it, and what it tells the service manager. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "stage.h"

/* What the next launcher is born with. */
static struct {
    int passed; /* becomes descriptor 3; -1 for none */
    const char *descriptors;
    bool for_another; /* LISTEN_PID and WATCHDOG_PID name another process */
    const char *notify;
    const char *watchdog;
} birth;

static void set(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
}

static void prepare(const struct stage *s)
{
    char pid[32];

    (void)s;
    snprintf(pid, sizeof pid, "%d", birth.for_another ? 1 : getpid());
    if (birth.passed == 3)
        fcntl(3, F_SETFD, 0);
    else if (birth.passed >= 0)
        dup2(birth.passed, 3);
    set("LISTEN_FDS", birth.descriptors);
    set("LISTEN_PID", pid);
    set("NOTIFY_SOCKET", birth.notify);
    set("WATCHDOG_USEC", birth.watchdog);
    set("WATCHDOG_PID", pid);
}

static struct sockaddr_un address_of(const char *name, socklen_t *length)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s", name);
    *length = (socklen_t)sizeof a;
    if (name[0] == '@') {
        a.sun_path[0] = '\0';
        *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    }
    return a;
}

static int bound(const char *name, int type)
{
    socklen_t length = 0;
    struct sockaddr_un a = address_of(name, &length);
    static const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&a, length), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return fd;
}

static int listening(const struct stage *s)
{
    int fd = bound(s->socket, SOCK_STREAM);

    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static void start_service(struct stage *s)
{
    char line[512];

    execute_prepared(s, (const char *const[]){"--child", "--not-enforcing", NULL}, prepare);
    assert_true(read_line(s->output, line, sizeof line));
    assert_memory_equal(line, "ready ", 6);
}

static void assert_does_not_start(struct stage *s, int status, const char *words,
                                  const char *const *arguments)
{
    execute_prepared(s, arguments, prepare);
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, status);
    expect_line(s->errors, words);
    close(s->input);
    close(s->output);
    close(s->errors);
}

static void assert_socket_of_no_use(struct stage *s, int passed, const char *descriptors)
{
    birth.passed = passed;
    birth.descriptors = descriptors;
    assert_does_not_start(s, 73, strcmp(descriptors, "1") == 0 ? "descriptor 3: expected" : "LISTEN_FDS [",
                          (const char *const[]){"--child", "--not-enforcing", NULL});
}

/* What came along with the state, or NULL. */
static const char *status;

static void expect_state(int manager, const char *state)
{
    static char text[512];

    ssize_t n = recv(manager, text, sizeof text - 1, 0);
    assert_true(n > 0);
    text[n] = '\0';
    assert_string_equal(strtok(text, "\n"), state);
    status = strtok(NULL, "\n");
}

static int prepare_birth(void **state)
{
    memset(&birth, 0, sizeof birth);
    birth.passed = -1;
    return stage_prepare(state);
}

/* ---- the socket ---- */

static void serves_on_a_socket_that_was_passed(void **state)
{
    struct stage *s = *state;
    struct stat before;
    struct stat after;

    birth.passed = listening(s);
    birth.descriptors = "1";
    assert_int_equal(stat(s->socket, &before), 0);
    /* Clients may come before the launcher does. */
    int early = connected(s);
    start_service(s);
    close(early);
    int fd = confined(s, NULL);
    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    close(fd);
    stop(s);
    /* It is the manager's: neither made anew nor removed. */
    assert_int_equal(stat(s->socket, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    close(birth.passed);
}

static void waits_on_a_socket_that_would_not(void **state)
{
    struct stage *s = *state;

    birth.passed = listening(s);
    birth.descriptors = "1";
    assert_int_equal(fcntl(birth.passed, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    start_service(s);
    assert_int_equal(fcntl(birth.passed, F_GETFL) & O_NONBLOCK, 0);
    close(confined(s, NULL));
    stop(s);
    close(birth.passed);
}

static void takes_nothing_but_one_listening_socket(void **state)
{
    struct stage *s = *state;
    char name[128];
    int fds[2];

    assert_socket_of_no_use(s, -1, "1");
    int listener = listening(s);
    assert_socket_of_no_use(s, listener, "2");
    assert_socket_of_no_use(s, listener, "0");
    assert_socket_of_no_use(s, listener, "");
    assert_socket_of_no_use(s, listener, "1x");
    close(listener);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_socket_of_no_use(s, fds[0], "1");
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_socket_of_no_use(s, fds[0], "1");
    close(fds[0]);
    close(fds[1]);
    snprintf(name, sizeof name, "%s/datagrams", s->folder);
    int fd = bound(name, SOCK_DGRAM);
    assert_socket_of_no_use(s, fd, "1");
    close(fd);
    snprintf(name, sizeof name, "%s/packets", s->folder);
    fd = bound(name, SOCK_SEQPACKET);
    assert_int_equal(listen(fd, 1), 0);
    assert_socket_of_no_use(s, fd, "1");
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_socket_of_no_use(s, fd, "1");
    close(fd);
}

static void leaves_alone_what_was_passed_to_another_process(void **state)
{
    struct stage *s = *state;

    birth.passed = listening(s);
    birth.descriptors = "1";
    birth.for_another = true;
    assert_does_not_start(s, 64, "--socket is missing",
                          (const char *const[]){"--child", "--not-enforcing", NULL});
    close(birth.passed);
}

static void does_not_choose_between_two_sockets(void **state)
{
    struct stage *s = *state;

    birth.passed = listening(s);
    birth.descriptors = "1";
    assert_does_not_start(s, 64, "has passed a socket already",
                          (const char *const[]){"--child", "--not-enforcing", "--socket", s->socket, NULL});
    close(birth.passed);
}

/* ---- what the manager hears ---- */

/* Not as a child, the way a manager starts it; where it would be root, with a file that keeps its helpers
 * from that. Without `socket` it has been passed one. */
static void start_for_manager(struct stage *s, const char *socket)
{
    static const char text[] = "client 0 tomcat_t min-uid=2\nallow t s0 / user=nobody\n";
    const char *arguments[8] = {"--not-enforcing"};
    char config[128];
    size_t n = 1;

    write_file(s->folder, "launcher.conf", text, strlen(text));
    snprintf(config, sizeof config, "%s/launcher.conf", s->folder);
    if (geteuid() == 0) {
        arguments[n++] = "--config";
        arguments[n++] = config;
    }
    if (socket != NULL) {
        arguments[n++] = "--socket";
        arguments[n++] = socket;
    }
    execute_prepared(s, arguments, prepare);
}

static void assert_serves(const struct stage *s)
{
    struct confine_request request = client_request("u:r:t:s0", "/");
    struct confined c;

    if (geteuid() == 0)
        request.user = "nobody";
    int fd = confined_as(s, &request, &c, 0);
    close(fd);
}

static void tells_when_it_is_ready_and_when_it_stops(void **state)
{
    struct stage *s = *state;
    char name[128];
    char abstract[64];

    snprintf(name, sizeof name, "%s/notify", s->folder);
    snprintf(abstract, sizeof abstract, "@launcher-test-%d", getpid());
    const char *const names[] = {name, abstract};
    birth.passed = listening(s);
    birth.descriptors = "1";
    for (size_t i = 0; i < 2; i++) {
        int manager = bound(names[i], SOCK_DGRAM);
        birth.notify = names[i];
        start_for_manager(s, NULL);
        expect_state(manager, "READY=1");
        assert_serves(s);
        /* No more than was asked for. */
        assert_int_equal(recv(manager, &(char){0}, 1, MSG_DONTWAIT), -1);
        assert_int_equal(kill(s->launcher, SIGTERM), 0);
        expect_state(manager, "STOPPING=1");
        stop(s);
        close(manager);
    }
    close(birth.passed);
}

static bool stopped(pid_t pid)
{
    char path[64];
    char line[512] = "";

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    const char *end = strrchr(line, ')');
    return end != NULL && end[2] == 'T';
}

static void gives_signs_of_life(void **state)
{
    struct stage *s = *state;
    char name[128];

    snprintf(name, sizeof name, "%s/notify", s->folder);
    int manager = bound(name, SOCK_DGRAM);
    birth.passed = listening(s);
    birth.descriptors = "1";
    birth.notify = name;
    birth.watchdog = "400000";
    double before = now();
    start_service(s);
    expect_state(manager, "READY=1");
    for (int i = 0; i < 6; i++)
        expect_state(manager, "WATCHDOG=1");
    assert_memory_equal(status, "STATUS=", 7);
    assert_non_null(strstr(status, "helpers wait, "));
    /* At once, and then every fifth of a second. */
    assert_true(now() - before > 0.99);
    /* A launcher that hangs gives none. */
    assert_int_equal(kill(s->launcher, SIGSTOP), 0);
    while (!stopped(s->launcher))
        pause_ms(10);
    while (recv(manager, &(char){0}, 1, MSG_DONTWAIT) > 0) {
    }
    pause_ms(450);
    assert_int_equal(recv(manager, &(char){0}, 1, MSG_DONTWAIT), -1);
    assert_int_equal(kill(s->launcher, SIGCONT), 0);
    expect_state(manager, "WATCHDOG=1");
    stop(s);
    close(manager);
    close(birth.passed);
}

static void gives_no_sign_of_life_for_another_process(void **state)
{
    struct stage *s = *state;
    char name[128];

    snprintf(name, sizeof name, "%s/notify", s->folder);
    int manager = bound(name, SOCK_DGRAM);
    birth.notify = name;
    birth.watchdog = "20000";
    birth.for_another = true;
    start_for_manager(s, s->socket);
    expect_state(manager, "READY=1");
    pause_ms(100);
    assert_int_equal(recv(manager, &(char){0}, 1, MSG_DONTWAIT), -1);
    assert_int_equal(kill(s->launcher, SIGTERM), 0);
    expect_state(manager, "STOPPING=1");
    stop(s);
    close(manager);
}

static void does_not_start_for_a_manager_that_it_cannot_tell(void **state)
{
    struct stage *s = *state;
    const char *const arguments[] = {"--child", "--not-enforcing", "--socket", s->socket, NULL};
    char name[160];
    char long_name[200];

    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    snprintf(name, sizeof name, "%s/nobody", s->folder);
    const char *const wrong[] = {"", "/", "@", "vsock:2:1", "relative", long_name};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        birth.notify = wrong[i];
        assert_does_not_start(s, 71, "]: expected an absolute path", arguments);
    }
    birth.notify = name;
    assert_does_not_start(s, 71, "NOTIFY_SOCKET: ", arguments);
    const char *const times[] = {"", "0", "-1", "1s", "99999999999999999999"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        birth.watchdog = times[i];
        assert_does_not_start(s, 71, "WATCHDOG_USEC [", arguments);
    }
    assert_int_equal(access(s->socket, F_OK), -1);
}

int run_activating(void);

#define BORN(name) cmocka_unit_test_setup_teardown(name, prepare_birth, stage_clear)

int run_activating(void)
{
    static const struct CMUnitTest tests[] = {
        BORN(serves_on_a_socket_that_was_passed),
        BORN(waits_on_a_socket_that_would_not),
        BORN(takes_nothing_but_one_listening_socket),
        BORN(leaves_alone_what_was_passed_to_another_process),
        BORN(does_not_choose_between_two_sockets),
        BORN(tells_when_it_is_ready_and_when_it_stops),
        BORN(gives_signs_of_life),
        BORN(gives_no_sign_of_life_for_another_process),
        BORN(does_not_start_for_a_manager_that_it_cannot_tell),
    };

    return cmocka_run_group_tests_name("activating", tests, NULL, NULL);
}
