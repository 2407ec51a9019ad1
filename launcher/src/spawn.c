/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher at work: keeps helpers waiting ahead of need, buries the dead, ends when told. */
#include "spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "birth.h"
#include "clock.h"
#include "counts.h"
#include "filter.h"
#include "log.h"
#include "memory.h"
#include "obituary.h"
#include "options.h"
#include "protocol.h"

enum {
    RETRY_NS = 100000000, /* after a fork, or another of the launcher's calls, that failed */
    WAITS_MAX =
        10, /* so many waits in a row may fail; then nothing keeps this loop from taking a processor */
    PIDS = 64,
    ENOUGH = 2, /* so many times those that should wait may do so, before one that has served ends */
};

struct child {
    pid_t pid;
    bool busy;
};

struct family {
    unsigned total;
    unsigned waiting;
    int64_t forks_from; /* no fork before this time, in nanoseconds: one failed, or a helper died before it
                           had a client */
    struct counts counts;
    bool again; /* a call failed whose work no signal will call for once more */
    struct child children[HELPERS_MAX];
};

static struct family *family;

static int block(sigset_t *set, int first, ...)
{
    va_list more;

    sigemptyset(set);
    va_start(more, first);
    for (int signal = first; signal != 0; signal = va_arg(more, int))
        sigaddset(set, signal);
    va_end(more);
    return sigprocmask(SIG_BLOCK, set, NULL) < 0 ? -errno : signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Whoever started us may have ignored or blocked what deadlines and burials depend on, or what programs
 * expect. */
static int reset_signals(void)
{
    static const unsigned long ordinary[8]; /* the kernel's own form, since a libc hides two of the signals */
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP &&
            syscall(SYS_rt_sigaction, number, ordinary, NULL, NSIG / 8) < 0)
            return -errno;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

static int prepare_signals(struct household *h)
{
    sigset_t set;

    int r = reset_signals();
    if (r < 0)
        return r;

    h->deaths = block(&set, SIGCHLD, 0);
    h->orders = block(&set, SIGTERM, SIGINT, SIGHUP, SIGUSR1, 0);
    if (h->deaths < 0 || h->orders < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    return 0;
}

int spawn_prepare(struct household *h, const struct setting *setting)
{
    int r = prepare_signals(h);
    if (r < 0)
        return r;
    family = memory_alone(sizeof *family);
    if (family == NULL)
        return -ENOMEM;
    /* Where programs are run, the helper's children need what an ordinary fork leaves them. */
    return setting->way == PROTOCOL_WAY_FILES ? birth_hide(setting->selinux.proc) : 0;
}

static long fork_one(const struct setting *setting)
{
    if (setting->way == PROTOCOL_WAY_FILES)
        return birth(helper_run, setting);
    long pid = filter_launcher_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        helper_run(setting);
    return pid;
}

static struct child *find(pid_t pid)
{
    for (unsigned i = 0; i < family->total; i++)
        if (family->children[i].pid == pid)
            return &family->children[i];
    return NULL;
}

static void note(pid_t news)
{
    struct child *c = find(news < 0 ? -news : news);

    if (c == NULL || c->busy == (news > 0))
        return;
    c->busy = news > 0;
    if (c->busy) {
        family->waiting--;
    } else {
        family->waiting++;
        counts_served(&family->counts);
    }
}

/* Reads what helpers have said; without this the count of those that wait is wrong. */
static void note_busy(int fd)
{
    pid_t pids[PIDS];
    long n;

    do {
        n = filter_launcher_call(SYS_read, fd, (long)pids, sizeof pids, 0, 0);
        family->again = family->again || (n < 0 && n != -EAGAIN);
        for (long i = 0; i < n / (long)sizeof pids[0]; i++)
            note(pids[i]);
    } while (n == sizeof pids);
}

/* Whatever went wrong, trying at once would make a loop of it that takes a processor. */
static void pause_forks(void)
{
    family->forks_from = clock_ns() + RETRY_NS;
}

static bool forks_paused(void)
{
    if (family->forks_from != 0 && clock_ns() >= family->forks_from)
        family->forks_from = 0;
    return family->forks_from != 0;
}

static void fork_helpers(const struct household *h, const struct setting *setting)
{
    while (!forks_paused() && family->waiting < h->idle && family->total < h->max) {
        long pid = fork_one(setting);
        if (pid < 0) {
            log_line("fork: %s; trying again", strerror((int)-pid));
            pause_forks();
            return;
        }
        family->children[family->total++] = (struct child){.pid = (pid_t)pid};
        family->waiting++;
        family->counts.forked++;
    }
}

static void bury_idle(const struct household *h, const struct child *c)
{
    /* It may have had one after the pipe was last looked at. */
    note_busy(h->busy);
    if (c->busy)
        return;
    family->waiting--;
    family->counts.unused++;
    log_line("helper %d died before it had a client", c->pid);
    pause_forks();
}

static void bury(const struct household *h, const siginfo_t *death)
{
    struct child *c = find(death->si_pid);

    if (c == NULL)
        return;
    if (!c->busy)
        bury_idle(h, c);
    if (c->busy)
        counts_death(&family->counts, death);
    *c = family->children[--family->total];
}

/* Returns false when nobody is dead, or it cannot be told who. */
static bool reap_one(const struct household *h, const struct setting *setting)
{
    char context[CONTEXT_SIZE];
    siginfo_t death = {0};

    long r = filter_launcher_call(SYS_waitid, P_ALL, 0, (long)&death, WEXITED | WNOHANG | WNOWAIT, 0);
    if (r == -ECHILD || (r == 0 && death.si_pid == 0))
        return false;
    bool crashed = r == 0 && death.si_code != CLD_EXITED;
    if (crashed)
        obituary_context(&setting->selinux, &death, context);
    if (r == 0)
        r = filter_launcher_call(SYS_waitid, P_PID, death.si_pid, 0, WEXITED | WNOHANG, 0);
    if (r < 0) {
        family->again = true;
        return false;
    }
    if (crashed)
        obituary_write(&setting->common->rations, &death, context, clock_ns());
    bury(h, &death);
    return true;
}

/* Empties a descriptor that was said to be readable; returns what the last read did. */
static long drain(int fd)
{
    char ignored[2 * sizeof(struct signalfd_siginfo)];

    return filter_launcher_call(SYS_read, fd, (long)ignored, sizeof ignored, 0, 0);
}

/* True when there is nothing more to be read for ever. */
static bool ended(int fd)
{
    long n = drain(fd);

    return n == 0 || (n < 0 && n != -EINTR && n != -EAGAIN);
}

static const char *numbers(char text[static COUNTS_SIZE])
{
    counts_text(&family->counts, family->waiting, family->total - family->waiting, text, COUNTS_SIZE);
    return text;
}

/* Obeys the signals that have come; false when one of them means to end. */
static bool obey(const struct household *h)
{
    struct signalfd_siginfo orders[4];

    long n = filter_launcher_call(SYS_read, h->orders, (long)orders, sizeof orders, 0, 0);
    for (long i = 0; i < n / (long)sizeof orders[0]; i++) {
        if (orders[i].ssi_signo != SIGUSR1)
            return false;
        char text[COUNTS_SIZE];
        log_line("%s", numbers(text));
    }
    return true;
}

/* Tells the service manager what it wants to hear; returns nanoseconds until the next time, or -1. */
static int64_t live(struct service *service)
{
    int64_t at = clock_ns();

    if (service_due(service, at)) {
        char text[COUNTS_SIZE];
        service_live(service, at, numbers(text));
    }
    return service->next - at;
}

/* How long to sleep at most: false when nothing but a descriptor is waited for. */
static bool sleep_time(struct household *h, struct timespec *time)
{
    int64_t wait = h->service.interval == 0 ? -1 : live(&h->service);

    if ((family->forks_from != 0 || family->again) && (wait < 0 || wait > RETRY_NS))
        wait = RETRY_NS;
    if (wait < 0)
        return false;
    *time = (struct timespec){.tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000)};
    return true;
}

int spawn_supervise(struct household *h, const struct setting *setting)
{
    struct pollfd fds[] = {
        {.fd = h->low, .events = POLLIN},
        {.fd = h->deaths, .events = POLLIN},
        {.fd = h->orders, .events = POLLIN},
        {.fd = h->watch, .events = POLLIN},
    };

    for (int failed = 0;;) {
        fork_helpers(h, setting);
        struct timespec time = {0};
        bool limited = sleep_time(h, &time);
        family->again = false;
        long n = filter_launcher_call(SYS_ppoll, (long)fds, sizeof fds / sizeof fds[0],
                                      limited ? (long)&time : 0, 0, 0);
        failed = n < 0 && n != -EINTR ? failed + 1 : 0;
        if (failed > WAITS_MAX)
            return (int)n;
        if (n > 0) {
            if ((fds[2].revents != 0 && !obey(h)) || (fds[3].revents != 0 && ended(h->watch)))
                return 0;
            if (fds[0].revents != 0)
                drain(h->low);
            if (fds[1].revents != 0)
                drain(h->deaths);
        }
        note_busy(h->busy);
        while (reap_one(h, setting))
            ;
        setting->common->crowded = family->waiting > ENOUGH * h->idle;
    }
}
