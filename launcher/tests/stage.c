/* SPDX-License-Identifier: Apache-2.0 */
/* A folder, a socket and a launcher for each end-to-end test, and what such tests ask again and again. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"

enum {
    ARGUMENTS_MAX = 16,
    LINE_OCTETS = 4096,
    ATTEMPTS = 5,
};

const char *launcher_path;
bool sanitized;
struct reply reply;

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

bool read_line(int fd, char *line, size_t size)
{
    size_t used = 0;

    while (used < size - 1) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, PATIENCE_S * 1000) <= 0 || read(fd, line + used, 1) <= 0)
            break;
        if (line[used++] == '\n')
            break;
    }
    line[used] = '\0';
    return used > 0;
}

void expect_line(int fd, const char *words)
{
    char line[LINE_OCTETS];

    while (read_line(fd, line, sizeof line))
        if (strstr(line, words) != NULL)
            return;
    print_error("nobody said [%s]\n", words);
    fail();
}

static void prepare_nothing(const struct stage *s)
{
    (void)s;
}

void execute(struct stage *s, const char *const *arguments)
{
    execute_prepared(s, arguments, prepare_nothing);
}

void execute_prepared(struct stage *s, const char *const *arguments, void (*prepare)(const struct stage *))
{
    const char *argv[ARGUMENTS_MAX] = {launcher_path};
    int in[2];
    int out[2];
    int err[2];
    size_t n = 1;

    for (; *arguments != NULL; arguments++)
        argv[n++] = *arguments;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    s->launcher = fork();
    if (s->launcher == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        prepare(s);
        execv(launcher_path, (char **)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    s->input = in[1];
    s->output = out[0];
    s->errors = err[0];
}

void start_with(struct stage *s, const char *const *more)
{
    const char *arguments[ARGUMENTS_MAX] = {"--child", "--not-enforcing", "--socket", s->socket};
    char line[LINE_OCTETS];
    char expected[64];
    size_t n = 4;

    while (n < ARGUMENTS_MAX - 1 && *more != NULL)
        arguments[n++] = *more++;
    execute(s, arguments);
    assert_true(read_line(s->output, line, sizeof line));
    snprintf(expected, sizeof expected, "ready %d ", s->launcher);
    assert_memory_equal(line, expected, strlen(expected));
}

void start(struct stage *s)
{
    start_with(s, (const char *const[]){NULL});
}

int exit_status(pid_t pid)
{
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
        pause_ms(10);
    }
    return -1;
}

bool alive(pid_t pid)
{
    char path[64];
    char line[512];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    if (n <= 0)
        return false;
    line[n] = '\0';
    const char *end = strrchr(line, ')');
    return end != NULL && end[2] != 'Z' && end[2] != 'X';
}

bool gone_within_a_second(pid_t pid)
{
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        if (!alive(pid))
            return true;
        pause_ms(10);
    }
    return false;
}

/* Children of a process; returns how many. */
size_t children_of(pid_t pid, pid_t *children, size_t size)
{
    char path[64];
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    while (n < size && fscanf(f, "%d", &children[n]) == 1)
        n++;
    fclose(f);
    return n;
}

void stop(struct stage *s)
{
    if (s->launcher <= 0)
        return;
    close(s->input);
    int status = exit_status(s->launcher);
    close(s->output);
    close(s->errors);
    s->launcher = 0;
    assert_int_equal(status, 0);
}

void write_file(const char *folder, const char *name, const char *octets, size_t length)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, length), (ssize_t)length);
    close(fd);
}

int stage_prepare(void **state)
{
    static struct stage stage;
    struct stage *s = &stage;

    stage = (struct stage){0};
    strcpy(s->folder, "/tmp/launcher-test.XXXXXX");
    if (mkdtemp(s->folder) == NULL)
        return -1;
    strcat(strcpy(s->socket, s->folder), "/socket");
    strcat(strcpy(s->root, s->folder), "/root");
    mkdir(s->root, 0755);
    write_file(s->root, "hello.txt", "hello\n", 6);
    *state = s;
    return 0;
}

int stage_clear(void **state)
{
    struct stage *s = *state;
    char command[128];

    if (s->launcher > 0) {
        kill(s->launcher, SIGKILL);
        exit_status(s->launcher);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
    int r = system(command);
    return r;
}

int connected(const struct stage *s)
{
    /* A helper that should have ended and did not must fail a test, not hang it. */
    static const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = client_connect(s->socket);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return fd;
}

int confined_as(const struct stage *s, const struct confine_request *request, struct confined *c,
                int expected)
{
    int fd = connected(s);
    int answer = client_confine(fd, request, c, &reply);

    for (int i = 0; answer < 0 && i < ATTEMPTS; i++) {
        close(fd);
        fd = connected(s);
        answer = client_confine(fd, request, c, &reply);
    }
    assert_int_equal(answer, expected);
    return fd;
}

int confined(const struct stage *s, struct confined *c)
{
    struct confined unused;
    struct confine_request request = client_request("u:r:t:s0", s->root);

    int fd = confined_as(s, &request, c != NULL ? c : &unused, 0);
    return fd;
}

void assert_closed(int fd)
{
    char octet;

    ssize_t n = recv(fd, &octet, 1, 0);
    assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
    close(fd);
}

struct found stat_of(int fd, const char *path)
{
    struct found f = {0};

    assert_int_equal(client_path(fd, REQUEST_STAT, path), 0);
    assert_int_equal(client_attributes(fd, &f, &reply), 0);
    return f;
}

struct found open_of(int fd, const char *path)
{
    struct found f = {0};

    assert_int_equal(client_open(fd, path, 0), 0);
    assert_int_equal(client_attributes(fd, &f, &reply), 0);
    return f;
}
