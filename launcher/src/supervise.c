/* SPDX-License-Identifier: Apache-2.0 */
/* Between launcher and program: a process in the launcher's domain that holds the deadline and leaves nothing
 * behind. */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"
#include "format.h"
#include "log.h"

enum {
    GRACE_MS = 500, /* the relay ends itself at the deadline, with a word to its client */
    AGAIN_MS = 10,  /* between two looks at who is left */
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* True when a child was buried. A relay that a signal ended is worth a line, unless it may have been our own
 * (killing). */
static bool bury(const struct setting *s, pid_t relay, bool killing, bool *relay_gone)
{
    siginfo_t death = {0};

    if (waitid(P_ALL, 0, &death, WEXITED | WNOHANG | WNOWAIT) < 0 || death.si_pid == 0)
        return false;
    if (death.si_pid == relay) {
        char context[CONTEXT_SIZE] = "";
        *relay_gone = true;
        bool ours = killing && death.si_status == SIGKILL;
        if (death.si_code != CLD_EXITED && !ours && context_of(&s->selinux, death.si_pid, context) == 0)
            log_line("helper %d crashed: signal %d (%s), context %s", death.si_pid, death.si_status,
                     strsignal(death.si_status), context[0] == '\0' ? "-" : context);
    }
    waitid(P_PID, (id_t)death.si_pid, NULL, WEXITED | WNOHANG);
    return true;
}

/* Kills every child that a process has now, and the group that it leads: what would outlive it takes the end
 * of its relay for the end of its input. */
static void kill_children(const struct setting *s, const char *list)
{
    char octets[4096];

    int fd = openat(s->selinux.proc, list, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = read(fd, octets, sizeof octets - 1);
    close(fd);
    if (n <= 0)
        return;
    octets[n] = '\0';
    /* A number that the end of the memory cut off is not one: what follows it comes next time. */
    for (char *at = octets, *end = at; (at = end) < octets + n;) {
        long pid = strtol(at, &end, 10);
        if (end == at || *end != ' ')
            break;
        end++;
        if (pid <= 1)
            continue;
        kill((pid_t)-pid, SIGKILL);
        kill((pid_t)pid, SIGKILL);
    }
}

/*
 * Layer by layer, until nobody is left: the children of who is killed become ours. The program dies before
 * its relay, whose end it would take for the end of its input.
 */
static _Noreturn void leave_nothing(const struct setting *s, pid_t relay, bool gone, int connection)
{
    char program[64];

    format(program, sizeof program, "%d/task/%d/children", relay, relay);
    if (!gone)
        kill_children(s, program);

    for (;;) {
        kill_children(s, "thread-self/children");
        while (bury(s, relay, true, &gone))
            ;
        if (waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
            break;
        struct timespec t = {.tv_nsec = AGAIN_MS * 1000000};
        sigset_t deaths;
        sigemptyset(&deaths);
        sigaddset(&deaths, SIGCHLD);
        sigtimedwait(&deaths, NULL, &t);
    }
    /* Only now does the client see the end. */
    close(connection);
    _exit(0);
}

static int signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    /* The launcher has blocked them, and so its children have. */
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static _Noreturn void watch(const struct setting *s, pid_t relay, int connection, int deaths,
                            unsigned deadline)
{
    int64_t until = deadline == 0 ? 0 : now_ms() + deadline + GRACE_MS;
    bool gone = false;

    while (!gone) {
        struct pollfd fds[] = {{.fd = deaths, .events = POLLIN}, {.fd = connection, .events = POLLRDHUP}};
        int64_t left = until == 0 ? -1 : until - now_ms();
        if (until != 0 && left <= 0)
            break;
        int n = poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left);
        if (n < 0 && errno != EINTR)
            break;
        if (n <= 0)
            continue;
        if (fds[1].revents != 0)
            break;
        struct signalfd_siginfo signal;
        bool ordered = false;
        while (read(deaths, &signal, sizeof signal) == sizeof signal)
            ordered = ordered || signal.ssi_signo != SIGCHLD;
        if (ordered)
            break;
        while (bury(s, relay, false, &gone))
            ;
    }
    leave_nothing(s, relay, gone, connection);
}

void supervise(const struct setting *s, int connection, unsigned deadline)
{
    static const struct itimerval none;
    pid_t self = getpid();

    int deaths = signals();
    if (deaths < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        _exit(EXIT_FAILED);
    /* The launcher's death has to be answered now, not died of. */
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != s->launcher)
        _exit(EXIT_GONE);
    pid_t relay = fork();
    if (relay < 0)
        _exit(EXIT_FAILED);
    if (relay == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != self)
            _exit(EXIT_GONE);
        return;
    }
    setitimer(ITIMER_REAL, &none, NULL);
    /* Clients are the next launcher's, if this one is gone. */
    close(s->listener);
    watch(s, relay, connection, deaths, deadline);
}
