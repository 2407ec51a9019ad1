/* SPDX-License-Identifier: Apache-2.0 */
/* A confined helper that finds a program, runs it, and carries what it says. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "program.h"
#include "protocol.h"
#include "states.h"
#include "wire.h"

enum {
    LAST_WORDS_MS =
        200, /* after the deadline, for a client that has not read all yet, or for a program to die */
    GOES_ON_MS = 100, /* a program that has closed its output for so long has not just ended */
};

/* One of the program's streams to us. */
struct source {
    int fd; /* -1 behind its end */
    uint16_t type;
    bool bounded; /* the program has ended: `left` octets are still its own */
    int left;
};

static struct relay {
    int connection;
    int64_t deadline; /* in milliseconds; 0 for none */
    struct found_program program;
    struct command command;

    pid_t pid;
    int pidfd;
    bool exited;
    uint16_t limit;
    siginfo_t death;

    int stdin_fd; /* -1 when closed */
    bool stdin_full;
    bool say_stdin_closed;
    uint32_t payload_left; /* of the STDIN frame that is being passed on */
    size_t in_at;
    size_t in_end;

    struct source output;
    struct source errors;
    bool errors_last; /* whose turn it was */
    int64_t ended_at; /* when standard output ended, in milliseconds */
    bool said_end;    /* of standard output, for the program goes on */
    bool said_exit;
    size_t out_at;
    size_t out_end;
} relay;

/* Pages of their own, touched as far as they are used. RUN lies in the input until the program has started.
 */
static _Alignas(4096) uint8_t input[FRAME_HEADER + FRAME_MAX_RUN];
static _Alignas(4096) uint8_t output[FRAME_HEADER + STREAM_MAX];

/*
 * The program dies first: its standard input ends with this process, and it would take what it has got for
 * the whole.
 */
static _Noreturn void end(void)
{
    struct pollfd death = {.fd = relay.pidfd, .events = POLLIN};

    if (relay.pid > 0 && !relay.exited) {
        kill(-relay.pid, SIGKILL);
        poll(&death, 1, LAST_WORDS_MS);
    }
    _exit(0);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- before the program runs: one request, one answer ---- */

static void send_or_end(struct writer *w)
{
    size_t size = frame_end(w);

    if (size == 0 || wire_write(relay.connection, w->start, size, false) != 0)
        end();
}

static void answer_find(int root, const char *folder, size_t length)
{
    struct reader r = {.at = input + FRAME_HEADER, .left = length};
    struct writer w = {.start = output, .size = sizeof output};
    struct text prefix = take_string(&r);
    struct text path = take_string(&r);
    uint16_t named = 0;

    if (!reader_complete(&r))
        end();
    int error = program_find(root, folder, &prefix, &path, &relay.program, &named);
    frame_begin(&w, REPLY_FOUND);
    put_u16(&w, (uint16_t)error);
    put_u16(&w, error == 0 ? named : 0);
    send_or_end(&w);
}

static int may_run(struct command *command)
{
    static char interpreter[PATH_OCTETS_MAX + 1];

    if (relay.program.file < 0)
        return ENOENT;
    /* The interpreter would only say that it cannot read it, in words of its own. */
    if (command->file != NULL && syscall(SYS_faccessat2, relay.program.file, "", R_OK, AT_EMPTY_PATH) < 0)
        return errno;
    return command_resolve(command, interpreter, sizeof interpreter);
}

static void answer_run(size_t length)
{
    struct writer w = {.start = output, .size = sizeof output};
    struct streams streams = {-1, -1, -1};

    if (!command_parse(input + FRAME_HEADER, length, &relay.program, &relay.command))
        end();
    int error = may_run(&relay.command);
    if (error == 0) {
        relay.pid = program_start(&relay.program, &relay.command, &streams);
        error = relay.pid < 0 ? -relay.pid : 0;
    }
    if (error == 0) {
        relay.pidfd = (int)syscall(SYS_pidfd_open, relay.pid, 0);
        if (relay.pidfd < 0) {
            kill(-relay.pid, SIGKILL);
            _exit(1);
        }
    }
    frame_begin(&w, REPLY_STARTED);
    put_u16(&w, (uint16_t)error);
    put_u32(&w, error == 0 ? (uint32_t)relay.pid : 0);
    send_or_end(&w);
    if (error != 0)
        end();
    relay.stdin_fd = streams.input;
    relay.output = (struct source){.fd = streams.output, .type = REPLY_STDOUT};
    relay.errors = (struct source){.fd = streams.errors, .type = REPLY_STDERR};
}

static void serve_until_run(const struct relay_setting *s)
{
    for (;;) {
        if (wire_read(s->connection, input, FRAME_HEADER) != 0)
            end();
        struct header header = header_parse(input);
        if (!state_allows(STATE_READY, &header) ||
            wire_read(s->connection, input + FRAME_HEADER, header.length) != 0)
            end();
        if (header.type == REQUEST_RUN) {
            answer_run(header.length);
            return;
        }
        answer_find(s->root, s->folder, header.length);
    }
}

/* ---- while it runs: from the connection to the program ---- */

static void close_stdin(bool say)
{
    if (relay.stdin_fd < 0)
        return;
    close(relay.stdin_fd);
    relay.stdin_fd = -1;
    relay.stdin_full = false;
    relay.say_stdin_closed = say;
}

static void begin_frame(void)
{
    struct header header = header_parse(input + relay.in_at);

    if (!state_allows(STATE_RUNNING, &header))
        end();
    relay.in_at += FRAME_HEADER;
    if (header.type == REQUEST_STDIN)
        relay.payload_left = header.length;
    else
        close_stdin(false);
}

/* Gives the program what has come. False when it takes no more for now, or nothing is left to give. */
static bool pass_payload(void)
{
    size_t have = relay.in_end - relay.in_at;
    size_t n = have < relay.payload_left ? have : relay.payload_left;

    if (n == 0)
        return false;
    if (relay.stdin_fd >= 0) {
        ssize_t written = write(relay.stdin_fd, input + relay.in_at, n);
        if (written < 0 && errno == EINTR)
            return true;
        relay.stdin_full = written < 0 && errno == EAGAIN;
        if (relay.stdin_full)
            return false;
        if (written < 0) {
            close_stdin(true);
            return true;
        }
        n = (size_t)written;
    }
    relay.in_at += n;
    relay.payload_left -= (uint32_t)n;
    return true;
}

static void pass_input(void)
{
    for (;;) {
        if (relay.payload_left > 0) {
            if (!pass_payload())
                break;
        } else if (relay.in_end - relay.in_at >= FRAME_HEADER) {
            begin_frame();
        } else {
            break;
        }
    }
    if (relay.in_at > 0) {
        memmove(input, input + relay.in_at, relay.in_end - relay.in_at);
        relay.in_end -= relay.in_at;
        relay.in_at = 0;
    }
}

static void receive(void)
{
    ssize_t n =
        recv(relay.connection, input + relay.in_end, FRAME_HEADER + STREAM_MAX - relay.in_end, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end();
    if (n > 0)
        relay.in_end += (size_t)n;
    pass_input();
}

/* ---- from the program to the connection ---- */

static void say(uint16_t type, const uint16_t *fields, size_t count)
{
    struct writer w = {.start = output, .size = sizeof output};

    frame_begin(&w, type);
    for (size_t i = 0; i < count; i++)
        put_u16(&w, fields[i]);
    relay.out_at = 0;
    relay.out_end = frame_end(&w);
}

static void finish(struct source *source)
{
    close(source->fd);
    source->fd = -1;
}

/* Takes what the stream has into the output; true when it had something. */
static bool take(struct source *source)
{
    size_t most = STREAM_MAX;

    if (source->fd < 0)
        return false;
    if (source->bounded && (size_t)source->left < most)
        most = (size_t)source->left;
    ssize_t n = most == 0 ? 0 : read(source->fd, output + FRAME_HEADER, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        finish(source);
        if (source == &relay.output)
            relay.ended_at = now_ms();
        return false;
    }
    if (source->bounded)
        source->left -= (int)n;
    header_write(output, source->type, (uint32_t)n);
    relay.out_at = 0;
    relay.out_end = FRAME_HEADER + (size_t)n;
    return true;
}

/* Both streams in turn, so that neither starves the other. */
static bool take_one(void)
{
    struct source *first = relay.errors_last ? &relay.output : &relay.errors;
    struct source *second = relay.errors_last ? &relay.errors : &relay.output;

    if (take(first)) {
        relay.errors_last = !relay.errors_last;
        return true;
    }
    return take(second);
}

static void say_exit(void)
{
    bool killed = relay.death.si_code != CLD_EXITED;
    uint16_t limit = relay.limit;

    if (limit == LIMIT_NONE && killed && relay.death.si_status == SIGXCPU)
        limit = LIMIT_PROCESSOR;
    if (limit == LIMIT_NONE && killed && relay.death.si_status == SIGXFSZ)
        limit = LIMIT_FILE_SIZE;
    say(REPLY_EXITED, (const uint16_t[]){killed, (uint16_t)relay.death.si_status, limit}, 3);
    relay.said_exit = true;
}

/* Puts the next frame into the empty output; false when there is none yet. */
static bool next_frame(void)
{
    if (relay.say_stdin_closed) {
        relay.say_stdin_closed = false;
        say(REPLY_STDIN_CLOSED, NULL, 0);
        return true;
    }
    if (take_one())
        return true;
    if (relay.output.fd < 0 && !relay.exited && !relay.said_end && now_ms() - relay.ended_at >= GOES_ON_MS) {
        relay.said_end = true;
        say(REPLY_STDOUT, NULL, 0);
        return true;
    }
    if (!relay.exited || relay.output.fd >= 0 || relay.errors.fd >= 0)
        return false;
    if (relay.said_exit)
        end();
    say_exit();
    return true;
}

/* Sends as much as goes out without waiting. */
static void send_output(void)
{
    for (;;) {
        if (relay.out_at == relay.out_end && !next_frame())
            return;
        ssize_t n = send(relay.connection, output + relay.out_at, relay.out_end - relay.out_at,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EINTR)
            end();
        if (n > 0)
            relay.out_at += (size_t)n;
    }
}

/* ---- the program's end ---- */

/* What others hold open must not keep the answer open: what was written by now is all. */
static void bound(struct source *source)
{
    if (source->fd < 0)
        return;
    source->bounded = true;
    if (ioctl(source->fd, FIONREAD, &source->left) < 0)
        source->left = 0;
}

static void bury(void)
{
    if (waitid(P_PID, (id_t)relay.pid, &relay.death, WEXITED | WNOHANG) < 0)
        end();
    if (relay.death.si_pid == 0)
        return;
    relay.exited = true;
    close_stdin(false);
    bound(&relay.output);
    bound(&relay.errors);
}

/* The time is up. Tells the client if that goes without waiting long, and then ends. */
static void time_up(void)
{
    if (relay.limit != LIMIT_NONE)
        end();
    relay.limit = LIMIT_TIME;
    relay.deadline = now_ms() + LAST_WORDS_MS;
    if (!relay.exited)
        kill(-relay.pid, SIGKILL);
}

/* How long to wait at most: until the deadline, or until it is clear that the program goes on without an
 * output. */
static int time_left(void)
{
    int64_t left = INT_MAX;
    int64_t now = now_ms();

    if (relay.deadline != 0 && relay.deadline <= now)
        time_up();
    if (relay.deadline != 0 && relay.deadline - now < left)
        left = relay.deadline - now;
    if (relay.output.fd < 0 && !relay.exited && !relay.said_end && relay.ended_at + GOES_ON_MS - now < left)
        left = relay.ended_at + GOES_ON_MS - now;
    return left == INT_MAX ? -1 : left < 0 ? 0 : (int)left;
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
            end();
        if (n < 0)
            continue;
        if ((fds[CONNECTION].revents & (POLLHUP | POLLERR | POLLRDHUP | POLLNVAL)) != 0)
            end();
        if (fds[INPUT].revents != 0) {
            if ((fds[INPUT].revents & POLLERR) != 0)
                close_stdin(true);
            pass_input();
        }
        if ((fds[CONNECTION].revents & POLLIN) != 0)
            receive();
        if (fds[DEATH].revents != 0)
            bury();
        send_output();
    }
}

_Noreturn void relay_serve(const struct relay_setting *s, const uint8_t *queue, size_t queued)
{
    relay.connection = s->connection;
    relay.program.folder = relay.program.file = -1;
    relay.stdin_fd = -1;
    if (s->deadline > 0)
        relay.deadline = now_ms() + s->deadline;
    if (wire_write(s->connection, queue, queued, false) != 0)
        end();
    serve_until_run(s);
    carry();
}
