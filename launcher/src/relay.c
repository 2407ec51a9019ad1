/* SPDX-License-Identifier: Apache-2.0 */
/* A confined helper that finds a program, runs it, and carries what it says. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "clock.h"
#include "program.h"
#include "relay_state.h"
#include "transition.h"

struct relay relay;

static const struct relay_setting *setting;
static int64_t deadline; /* in milliseconds; 0 for none */
static struct found_program program;
enum { WHY_SIZE = 2048 };

static uint16_t found; /* octets of the path that name it */

_Noreturn void relay_end(void)
{
    if (relay.pid > 0 && !relay.exited) {
        kill(-relay.pid, SIGKILL);
        kill(getpid(), SIGSTOP); /* raise() would believe what the libc remembers of another process */
    }
    _exit(0);
}

/* ---- before the program runs: one request, one answer ---- */

static void answer_find(size_t length)
{
    struct reader r = {.at = relay_input + relay.in_at, .left = length};
    struct text prefix = take_string(&r);
    struct text path = take_string(&r);

    if (!reader_complete(&r))
        relay_end();
    found = 0;
    int error = program_find(setting->root, setting->folder, &prefix, &path, &program, &found);
    struct writer w = relay_answer(REPLY_FOUND);
    put_u16(&w, (uint16_t)error);
    put_u16(&w, error == 0 ? found : 0);
    relay_answered(&w);
    relay.state = STATE_READY;
}

/* `why`, for a log, is for what the errno alone does not say. */
static int may_run(struct command *command, char *why, size_t size)
{
    static char interpreter[PATH_OCTETS_MAX + 1];

    if (program.file < 0)
        return ENOENT;
    /* Whoever asked before FOUND has told the program a path that is not its own. */
    if (command->expected != 0 && command->expected != found)
        return ESTALE;
    /* The interpreter would only say that it cannot read it, in words of its own. */
    if (command->file != NULL && syscall(SYS_faccessat2, program.file, "", R_OK, AT_EMPTY_PATH) < 0)
        return errno;
    int error = command_resolve(command, interpreter, sizeof interpreter);
    const char *file = command->file != NULL ? command->file : program.name;
    if (error == 0 && command->elsewhere && !transition_certain(setting->context, file, why, size))
        return ENOTSUP;
    return error;
}

static int start(struct command *command)
{
    struct streams streams = {-1, -1, -1};

    pid_t pid = program_start(&program, command, &streams);
    if (pid < 0)
        return -pid;
    relay.pid = pid;
    relay.pidfd = (int)syscall(SYS_pidfd_open, relay.pid, 0);
    if (relay.pidfd < 0) {
        kill(-relay.pid, SIGKILL);
        _exit(1);
    }
    relay.stdin_fd = streams.input;
    relay.output = (struct source){.fd = streams.output, .type = REPLY_STDOUT};
    relay.errors = (struct source){.fd = streams.errors, .type = REPLY_STDERR};
    relay.state = STATE_RUNNING;
    relay.moved_at = clock_ms();
    return 0;
}

static void answer_run(size_t length)
{
    static struct command command;
    char why[WHY_SIZE] = "";

    if (!command_parse(relay_input + relay.in_at, length, &program, &command))
        relay_end();
    int error = may_run(&command, why, sizeof why);
    if (error == 0)
        error = start(&command);
    struct writer w = relay_answer(REPLY_STARTED);
    put_u16(&w, (uint16_t)error);
    put_u32(&w, error == 0 ? (uint32_t)relay.pid : 0);
    put_string(&w, why, strlen(why));
    relay_answered(&w);
    if (error == ESTALE) {
        relay.state = STATE_MISSED;
    } else if (error != 0) {
        relay_flush();
        relay_end();
    }
}

/* What came behind a RUN that ran nothing was for another program. */
static void serve_until_run(void)
{
    while (relay.state != STATE_RUNNING) {
        struct header header = relay_next_request();
        if (header.type == REQUEST_FIND)
            answer_find(header.length);
        else if (header.type == REQUEST_RUN)
            answer_run(header.length);
        relay.in_at += header.length;
    }
}

/* ---- the program's end ---- */

/* The kernel's own sum, by ticks, may be much more than what was really used: on a busy machine twice as
 * much. */
static bool used_up_its_processor(const struct rusage *usage)
{
    struct rlimit limit;
    int64_t us = ((int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
                 usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

    return syscall(SYS_prlimit64, 0, RLIMIT_CPU, NULL, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           us >= (int64_t)limit.rlim_cur * 500000;
}

/* The kernel tells nobody but a process itself that it has no more addresses; this is what can be told
 * afterwards. Whoever doubles what it has fails from half of that on. */
static bool came_near_its_memory(const struct rusage *usage)
{
    struct rlimit limit;

    return syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           (uint64_t)usage->ru_maxrss * 1024 >= limit.rlim_cur / 2;
}

/* Which limit it was: a shell tells of what a signal did to its command by its own status. */
static uint16_t limit_of(const struct rusage *usage)
{
    int signal = relay.killed ? relay.status : relay.status > 128 ? relay.status - 128 : 0;

    if (cgroup_out_of_memory(&setting->events))
        return LIMIT_MEMORY;
    if (cgroup_refused(&setting->events))
        return LIMIT_PROCESSES;
    /* Soft and hard limit are the same: the kernel looks at the hard one first, and kills. */
    if (signal == SIGXCPU || (signal == SIGKILL && used_up_its_processor(usage)))
        return LIMIT_PROCESSOR;
    if (signal == SIGXFSZ)
        return LIMIT_FILE_SIZE;
    return relay.status != 0 && came_near_its_memory(usage) ? LIMIT_MEMORY_PERHAPS : LIMIT_NONE;
}

static void bury(void)
{
    siginfo_t death = {0};
    struct rusage usage = {0};

    if (syscall(SYS_waitid, P_PID, relay.pid, &death, WEXITED | WNOHANG, &usage) < 0)
        relay_end();
    if (death.si_pid == 0)
        return;
    relay.exited = true;
    relay.killed = death.si_code != CLD_EXITED;
    relay.status = (uint16_t)death.si_status;
    if (relay.limit == LIMIT_NONE)
        relay.limit = limit_of(&usage);
    relay_close_stdin(false);
    relay_bound_output();
}

/* ---- while it runs ---- */

/* The time is up. Tells the client if that goes without waiting long, and then ends. */
static void time_up(uint16_t limit)
{
    if (relay.limit == LIMIT_TIME || relay.limit == LIMIT_SILENCE)
        relay_end();
    relay.limit = limit;
    deadline = clock_ms() + LAST_WORDS_MS;
    if (!relay.exited)
        kill(-relay.pid, SIGKILL);
}

static int64_t silent_until(void)
{
    return relay.limit == LIMIT_TIME || relay.limit == LIMIT_SILENCE ? INT64_MAX
                                                                     : relay.moved_at + setting->silence;
}

/* How long to wait at most. */
static int time_left(void)
{
    int64_t now = clock_ms();

    if (deadline != 0 && deadline <= now)
        time_up(LIMIT_TIME);
    else if (silent_until() <= now)
        time_up(LIMIT_SILENCE);
    int64_t until = silent_until();
    if (deadline != 0 && deadline < until)
        until = deadline;
    if (relay_goes_on_at() < until)
        until = relay_goes_on_at();
    return until - now > INT_MAX ? INT_MAX : until <= now ? 0 : (int)(until - now);
}

static _Noreturn void carry(void)
{
    enum { CONNECTION, INPUT, OUTPUT, ERRORS, DEATH, WATCHED };

    for (;;) {
        bool sending = relay.out_at < relay.out_end;
        struct pollfd fds[WATCHED] = {
            [CONNECTION] = {.fd = relay.connection, .events = POLLRDHUP},
            [INPUT] = {.fd = relay.stdin_fd, .events = relay.stdin_full ? POLLOUT : 0},
            [OUTPUT] = {.fd = sending ? -1 : relay.output.fd, .events = POLLIN},
            [ERRORS] = {.fd = sending ? -1 : relay.errors.fd, .events = POLLIN},
            [DEATH] = {.fd = relay.exited ? -1 : relay.pidfd, .events = POLLIN},
        };
        if (!relay.stdin_full)
            fds[CONNECTION].events |= POLLIN;
        if (sending)
            fds[CONNECTION].events |= POLLOUT;
        int n = poll(fds, WATCHED, time_left());
        if (n < 0 && errno != EINTR)
            relay_end();
        if (n < 0)
            continue;
        if ((fds[CONNECTION].revents & (POLLHUP | POLLERR | POLLRDHUP | POLLNVAL)) != 0)
            relay_end();
        if (fds[INPUT].revents != 0) {
            if ((fds[INPUT].revents & POLLERR) != 0)
                relay_close_stdin(true);
            relay_pass_input();
        }
        if ((fds[CONNECTION].revents & POLLIN) != 0)
            relay_receive();
        if (fds[DEATH].revents != 0)
            bury();
        relay_send_output();
    }
}

_Noreturn void relay_serve(const struct relay_setting *s, const uint8_t *queue, size_t queued)
{
    setting = s;
    relay = (struct relay){.connection = s->connection, .state = STATE_READY, .stdin_fd = -1};
    program.folder = program.file = -1;
    if (s->deadline > 0)
        deadline = clock_ms() + s->deadline;
    memcpy(relay_output, queue, queued);
    relay.out_end = queued;
    serve_until_run();
    relay_pass_input();
    relay_send_output();
    carry();
}
