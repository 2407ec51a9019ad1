/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher at work: keeps helpers waiting ahead of need, buries the dead, ends when told. */
#include "spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "log.h"
#include "options.h"

enum {
    RETRY_NS = 100000000,
};

struct child {
    pid_t pid;
    bool busy;
};

/* The whole memory of the launcher. */
static struct child children[HELPERS_MAX];
static unsigned total;
static unsigned waiting;
static int64_t
    forks_from; /* no fork before this time (ns): one failed, or a helper died before it had a client */

int spawn_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static struct child *find(pid_t pid)
{
    for (unsigned i = 0; i < total; i++)
        if (children[i].pid == pid)
            return &children[i];
    return NULL;
}

/* Reads what helpers have said; without this the count of the waiting ones is too high. */
static void note_busy(int fd)
{
    pid_t pids[64];

    for (;;) {
        long n = filter_launcher_call(SYS_read, fd, (long)pids, sizeof pids, 0, 0);
        if (n <= 0)
            return;
        for (size_t i = 0; i < (size_t)n / sizeof pids[0]; i++) {
            struct child *c = find(pids[i]);
            if (c != NULL && !c->busy) {
                c->busy = true;
                waiting--;
            }
        }
        if ((size_t)n < sizeof pids)
            return;
    }
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whatever went wrong, trying at once would make a loop of it that takes a processor. */
static void pause_forks(void)
{
    forks_from = now() + RETRY_NS;
}

static bool forks_paused(void)
{
    if (forks_from != 0 && now() >= forks_from)
        forks_from = 0;
    return forks_from != 0;
}

static void fork_helpers(const struct household *h, const struct setting *setting)
{
    while (!forks_paused() && waiting < h->idle && total < h->max) {
        long pid = filter_launcher_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (pid == 0)
            helper_run(setting);
        if (pid < 0) {
            log_line("fork: %s; trying again", strerror((int)-pid));
            pause_forks();
            return;
        }
        children[total++] = (struct child){.pid = (pid_t)pid};
        waiting++;
    }
}

static void report_death(const struct setting *setting, const siginfo_t *death)
{
    char context[CONTEXT_SIZE] = "";

    /* Not reaped yet, so the kernel still knows the context, and nobody else has the number. */
    int r = context_of(&setting->selinux, death->si_pid, context);
    const char *name = r < 0 ? "unknown" : context[0] == '\0' ? "-" : context;
    if (death->si_status == SIGALRM)
        log_line("helper %d: its time was up, context %s", death->si_pid, name);
    else
        log_line("helper %d crashed: signal %d (%s), context %s", death->si_pid, death->si_status,
                 strsignal(death->si_status), name);
}

static void bury(const struct household *h, pid_t pid)
{
    struct child *c = find(pid);

    if (c == NULL)
        return;
    /* It may have said so after the pipe was last looked at. */
    note_busy(h->busy);
    if (!c->busy) {
        waiting--;
        log_line("helper %d died before it had a client", pid);
        pause_forks();
    }
    *c = children[--total];
}

static void reap(const struct household *h, const struct setting *setting)
{
    for (;;) {
        siginfo_t death = {0};
        long r = filter_launcher_call(SYS_waitid, P_ALL, 0, (long)&death, WEXITED | WNOHANG | WNOWAIT, 0);
        if (r < 0 || death.si_pid == 0)
            return;
        if (death.si_code != CLD_EXITED)
            report_death(setting, &death);
        filter_launcher_call(SYS_waitid, P_PID, death.si_pid, 0, WEXITED | WNOHANG, 0);
        bury(h, death.si_pid);
    }
}

/* True when a signal told to end. */
static bool told_to_end(int signals)
{
    struct signalfd_siginfo info;
    bool told = false;

    while (filter_launcher_call(SYS_read, signals, (long)&info, sizeof info, 0, 0) == sizeof info)
        told = told || info.ssi_signo != SIGCHLD;
    return told;
}

/* True when there is nothing more to be read for ever. */
static bool ended(int fd)
{
    char ignored[64];
    long n = filter_launcher_call(SYS_read, fd, (long)ignored, sizeof ignored, 0, 0);

    return n == 0 || (n < 0 && n != -EINTR && n != -EAGAIN);
}

int spawn_supervise(const struct household *h, const struct setting *setting)
{
    struct pollfd fds[] = {
        {.fd = h->busy, .events = POLLIN},
        {.fd = h->signals, .events = POLLIN},
        {.fd = h->watch, .events = POLLIN},
    };

    for (;;) {
        fork_helpers(h, setting);
        struct timespec wait = {.tv_nsec = RETRY_NS};
        long n = filter_launcher_call(SYS_ppoll, (long)fds, sizeof fds / sizeof fds[0],
                                      forks_from != 0 ? (long)&wait : 0, 0, 0);
        if (n < 0 && n != -EINTR)
            return (int)n;
        if (n <= 0)
            continue;
        if (fds[0].revents != 0)
            note_busy(h->busy);
        if (fds[1].revents != 0) {
            if (told_to_end(h->signals))
                return 0;
            reap(h, setting);
        }
        if (fds[2].revents != 0 && ended(h->watch))
            return 0;
    }
}
