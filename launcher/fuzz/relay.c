/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes a relay with whatever a client may send: the real relay on a real folder, without a connection, and
 * with pipes in the place of a program. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "fuzz.h"
#include "program.h"
#include "relay.h"
#include "wire.h"
#include "workplace.h"

enum { CONNECTION = 1000 };

static const char *folder;
static int root;
static const uint8_t *input;
static size_t left;
static int program_in; /* the program's end of its standard input, -1 before there is one */
static jmp_buf ended;

/* The linker puts these in the place of what the relay calls (--wrap). */
ssize_t __wrap_recv(int socket, void *octets, size_t length, int flags);
ssize_t __wrap_send(int socket, const void *octets, size_t length, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_kill(pid_t pid, int signal);
pid_t __wrap_program_start(const struct found_program *program, const struct command *command,
                           struct streams *streams);
_Noreturn void __wrap__exit(int status);

static uint8_t next(void)
{
    if (left == 0)
        return 0;
    left--;
    return *input++;
}

/* The first octet of what is left says how much comes at once. */
ssize_t __wrap_recv(int socket, void *octets, size_t length, int flags)
{
    (void)socket;
    if (left > 0 && (flags & MSG_DONTWAIT) != 0 && input[0] % 4 == 0) {
        errno = EAGAIN;
        return -1;
    }
    size_t n = left == 0 ? 0 : 1U + input[0] * 8U;
    n = n < length ? n : length;
    n = n < left ? n : left;
    memcpy(octets, input, n);
    input += n;
    left -= n;
    return (ssize_t)n;
}

/* Reads every octet that would be sent, so that the sanitizer sees those that are not ours to send. */
static void look_at(const uint8_t *octets, size_t length)
{
    static volatile uint8_t sum;

    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + octets[i]);
}

ssize_t __wrap_send(int socket, const void *octets, size_t length, int flags)
{
    (void)socket;
    (void)flags;
    uint8_t how = next();
    if (how % 8 == 7) {
        errno = EAGAIN;
        return -1;
    }
    size_t n = how % 8 == 6 ? 1 + length / 2 : length;
    n = n < length ? n : length;
    look_at(octets, n);
    return (ssize_t)n;
}

int wire_write(int socket, const void *octets, size_t length, bool more)
{
    (void)socket;
    (void)more;
    look_at(octets, length);
    return 0;
}

/* The program takes some of what it was given; then whatever was asked about is ready, or not. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    char octets[4096];

    (void)timeout;
    if (left == 0)
        longjmp(ended, 1);
    uint8_t ready = next();
    if (program_in >= 0 && (ready & 0x40) != 0 && read(program_in, octets, sizeof octets) < 0 &&
        errno != EAGAIN)
        abort();
    if (program_in >= 0 && (ready & 0x80) != 0) {
        close(program_in);
        program_in = -1;
    }
    for (nfds_t i = 0; i < count; i++)
        fds[i].revents = fds[i].fd >= 0 && (ready >> i & 1) != 0 ? fds[i].events : 0;
    return 1;
}

/* Nobody is to be killed, the relay's own process least of all: it has come to its end. */
int __wrap_kill(pid_t pid, int signal)
{
    (void)pid;
    (void)signal;
    longjmp(ended, 1);
}

_Noreturn void __wrap__exit(int status)
{
    (void)status;
    longjmp(ended, 1);
}

/* It says something, and does not end: what is taken for its death finds no child. */
pid_t __wrap_program_start(const struct found_program *program, const struct command *command,
                           struct streams *streams)
{
    static const char words[8192];
    int fds[3][2];

    look_at((const uint8_t *)program->name, strlen(program->name));
    for (const char *const *word = command->arguments; *word != NULL; word++)
        look_at((const uint8_t *)*word, strlen(*word));
    for (const char *const *word = command->variables; *word != NULL; word++)
        look_at((const uint8_t *)*word, strlen(*word));
    for (int i = 0; i < 3; i++)
        if (pipe2(fds[i], O_CLOEXEC | O_NONBLOCK) < 0)
            abort();
    for (int i = 1; i < 3; i++) {
        if (write(fds[i][1], words, next() * 32U) < 0)
            abort();
        close(fds[i][1]);
    }
    program_in = fds[0][0];
    *streams = (struct streams){.input = fds[0][1], .output = fds[1][0], .errors = fds[2][0]};
    return getpid();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    signal(SIGPIPE, SIG_IGN);
    folder = workplace("mkdir -p d/e; echo x >f; ln -s f l; mkfifo p; echo y >d/e/g");
    if (files_open_root(folder, &root) != 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t queue[] = "CONFINED";
    const struct relay_setting setting = {.connection = CONNECTION,
                                          .root = root,
                                          .folder = folder,
                                          .context = "",
                                          .silence = 60000,
                                          .events = {-1, -1}};

    input = data;
    left = size;
    program_in = -1;
    if (setjmp(ended) == 0)
        relay_serve(&setting, queue, sizeof queue);
    /* As the end of the process would. */
    syscall(SYS_close_range, root + 1, UINT_MAX, 0);
    return 0;
}
