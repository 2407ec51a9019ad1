/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ordinary request costs, counted and not timed: one small file of one read-only root, asked for in
 * one write, as the valve does it. Whoever adds to it without need is told here; who has a need raises the
 * number, and docs/launcher.md says why.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"
#include "stage.h"

enum {
    CALLS_MAX = 29,   /* of a helper, from its birth to its end, without SELinux */
    FAULTS_MAX = 4,   /* of launcher and helper together */
    PRIVATE_MAX = 32, /* KiB that an idle helper has for itself */
    RESIDENT_MAX = 1024,
    ROUNDS = 5,
    REQUESTS = 40,
    TRACED = 20, /* requests: the first ones get helpers that are older than the tracing */
    CALLS = 256,
};

/* One write, one answer. Returns false when it is not the right one. */
static bool get(const struct stage *s)
{
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t octets[1024];
    struct found found;

    size_t used = client_confine_frame(&request, octets, sizeof octets);
    struct writer w = {.start = octets + used, .size = sizeof octets - used};
    frame_begin(&w, REQUEST_OPEN);
    put_string(&w, "hello.txt", 9);
    put_u32(&w, 4096 | PROTOCOL_OPEN_LAST);
    used += frame_end(&w);
    int fd = client_connect(s->socket);
    bool good = fd >= 0 && send(fd, octets, used, MSG_NOSIGNAL) == (ssize_t)used &&
                client_receive(fd, &reply) == 0 && reply.type == REPLY_CONFINED &&
                client_attributes(fd, &found, &reply) == 0 && found.error == 0 &&
                client_data(fd, &reply) == 0 && reply.length == 6;
    close(fd);
    return good;
}

/* On a machine that is busy enough, a helper's second for confining itself may be too short. */
static bool get_at_last(const struct stage *s)
{
    for (int i = 0; i < 20; i++)
        if (get(s))
            return true;
    return false;
}

struct calls {
    pid_t pid;
    int count;
    int numbers[CALLS];
};

/* The calls of the helper that made the fewest: another may have had to wake the launcher. */
struct census {
    struct calls open[64];
    int ended;
    struct calls fewest;
};

static struct calls *calls_of(struct census *c, pid_t pid)
{
    struct calls *free_one = NULL;

    for (size_t i = 0; i < sizeof c->open / sizeof c->open[0]; i++) {
        if (c->open[i].pid == pid)
            return &c->open[i];
        if (c->open[i].pid == 0)
            free_one = &c->open[i];
    }
    if (free_one == NULL)
        _exit(1);
    *free_one = (struct calls){.pid = pid};
    return free_one;
}

static void note_call(struct census *c, pid_t pid)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    struct calls *calls = calls_of(c, pid);
    if (calls->count < CALLS)
        calls->numbers[calls->count++] = (int)info.entry.nr;
    if (info.entry.nr != SYS_exit_group)
        return;
    if (c->ended++ == 0 || calls->count < c->fewest.count)
        c->fewest = *calls;
    calls->pid = 0;
}

/* Traces the launcher, and with it every helper that it forks from now on, until a client has had what it
 * asked for. */
static _Noreturn void trace(const struct stage *s, int result)
{
    static struct census census;
    int status = 0;

    if (ptrace(PTRACE_SEIZE, s->launcher, NULL,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE) < 0 ||
        ptrace(PTRACE_INTERRUPT, s->launcher, NULL, NULL) < 0)
        _exit(1);
    pid_t client = fork();
    if (client == 0) {
        for (int i = 0; i < TRACED; i++)
            if (!get_at_last(s))
                _exit(1);
        _exit(0);
    }
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
        if (pid == client)
            break;
        if (!WIFSTOPPED(status))
            continue;
        int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80))
            note_call(&census, pid);
        bool event = signal == (SIGTRAP | 0x80) || status >> 16 != 0;
        ptrace(PTRACE_SYSCALL, pid, NULL, event ? 0L : (long)signal);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || census.ended == 0)
        _exit(1);
    /* Whom it has traced goes on when it is gone. */
    _exit(write(result, &census.fewest, sizeof census.fewest) != sizeof census.fewest);
}

static void makes_few_system_calls(void **state)
{
    struct stage *s = *state;
    struct calls calls;
    int fds[2];
    int status = 0;

    if (sanitized || geteuid() != 0)
        skip();
    start(s);
    assert_int_equal(pipe(fds), 0);
    pid_t tracer = fork();
    if (tracer == 0)
        trace(s, fds[1]);
    assert_int_equal(waitpid(tracer, &status, 0), tracer);
    assert_int_equal(status, 0);
    assert_int_equal(read(fds[0], &calls, sizeof calls), (ssize_t)sizeof calls);
    if (calls.count > CALLS_MAX)
        for (int i = 0; i < calls.count; i++)
            print_error("call %d of a helper: number %d\n", i + 1, calls.numbers[i]);
    assert_in_range(calls.count, 10, CALLS_MAX);
    close(fds[0]);
    close(fds[1]);
    stop(s);
}

/* Its own minor faults and those of children that it has buried. */
static unsigned long faults(pid_t pid)
{
    char path[64];
    char line[1024] = "";
    unsigned long own = 0;
    unsigned long of_children = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    char *rest = strrchr(line, ')');
    assert_non_null(rest);
    assert_int_equal(sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %lu %lu", &own, &of_children), 2);
    return own + of_children;
}

static bool only_idle_ones_are_left(const struct stage *s)
{
    pid_t children[32];

    for (int i = 0; i < 1000; i++) {
        if (children_of(s->launcher, children, 32) == 8)
            return true;
        pause_ms(10);
    }
    return false;
}

static void takes_few_page_faults(void **state)
{
    struct stage *s = *state;
    unsigned long fewest = ~0UL;

    if (sanitized)
        skip();
    start(s);
    for (int i = 0; i < ROUNDS; i++) {
        assert_true(only_idle_ones_are_left(s));
        unsigned long before = faults(s->launcher);
        for (int j = 0; j < REQUESTS; j++)
            assert_true(get_at_last(s));
        assert_true(only_idle_ones_are_left(s));
        unsigned long taken = faults(s->launcher) - before;
        if (taken < fewest)
            fewest = taken;
    }
    assert_in_range(fewest, REQUESTS, FAULTS_MAX * REQUESTS);
    stop(s);
}

/* The sum in KiB of the lines that begin so; 0 of a process that has ended. */
static unsigned long sum(pid_t pid, const char *file, const char *name)
{
    char path[64];
    char line[256];
    unsigned long total = 0;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            total += strtoul(strpbrk(line, " \t"), NULL, 10);
    fclose(f);
    return total;
}

/* Of the first helper that lives when it is looked at. */
static unsigned long private_memory(const struct stage *s)
{
    pid_t children[32];

    for (int i = 0; i < 1000; i++) {
        size_t count = children_of(s->launcher, children, 32);
        for (size_t j = 0; j < count; j++) {
            unsigned long kib = sum(children[j], "smaps_rollup", "Private_");
            if (kib > 0)
                return kib;
        }
        pause_ms(10);
    }
    return 0;
}

static void takes_little_memory(void **state)
{
    struct stage *s = *state;

    if (sanitized || geteuid() != 0)
        skip();
    start(s);
    for (int i = 0; i < REQUESTS; i++)
        assert_true(get_at_last(s));
    assert_in_range(private_memory(s), 1, PRIVATE_MAX);
    assert_in_range(sum(s->launcher, "status", "VmRSS:"), 1, RESIDENT_MAX);
    stop(s);
}

int run_lean(void);

int run_lean(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(makes_few_system_calls),
        STAGED(takes_few_page_faults),
        STAGED(takes_little_memory),
    };

    return cmocka_run_group_tests_name("lean", tests, NULL, NULL);
}
