/* SPDX-License-Identifier: Apache-2.0 */
/* Between launcher and program: a process in the launcher's domain that holds the deadline and leaves nothing
 * behind. */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capability.h"
#include "clock.h"
#include "ends.h"
#include "format.h"
#include "log.h"
#include "meet.h"
#include "memory.h"
#include "obituary.h"

/* Within a second of its deadline everything is dead: the program at once, its relay when it has told, the
 * rest with the supervisor. */
enum {
    GRACE_MS = 600,        /* behind the deadline, for the relay */
    RELAY_ENDS_MS = 250,   /* behind the end of the connection, for the same */
    BEFORE_RELAY_MS = 250, /* for whoever is killed before the relay; a program may fork faster than that */
    AGAIN_MS = 10,         /* between two looks at who is left */
};

/* What the relay says once it has a client. */
struct client_here {
    int connection;  /* in the table of descriptors that both had then */
    int own_context; /* the same; -1 without SELinux */
    unsigned deadline;
};

static struct supervision {
    const struct setting *setting;
    struct cgroup group;
    pid_t relay;
    bool heard;  /* of a client */
    bool killed; /* by us */
    bool gone;
    int status; /* how we end: as the relay did */
    int deaths;
    int ear;
    int mouth; /* its other end */
    int connection;
    bool broken;   /* the connection */
    int64_t until; /* in milliseconds; 0: for ever */
} self;

static int status_of_death(const siginfo_t *death)
{
    if (death->si_code == CLD_EXITED)
        return death->si_status;
    if (self.killed && death->si_status == SIGKILL)
        return EXIT_GONE;
    return death->si_status == SIGALRM ? EXIT_LATE : EXIT_CRASHED;
}

static void relay_died(const siginfo_t *death)
{
    char context[CONTEXT_SIZE];

    self.gone = true;
    self.status = status_of_death(death);
    if (death->si_code == CLD_EXITED || self.status == EXIT_GONE)
        return;
    obituary_context(&self.setting->selinux, death, context);
    obituary_write(&self.setting->common->rations, death, context, clock_ns());
}

/* A relay that has more to end than its program stops: it must not end before others do. */
static bool stopped(void)
{
    siginfo_t change = {0};

    return waitid(P_PID, (id_t)self.relay, &change, WSTOPPED | WNOHANG) == 0 && change.si_pid == self.relay;
}

/* True when a child was buried. */
static bool bury(void)
{
    siginfo_t death = {0};

    if (waitid(P_ALL, 0, &death, WEXITED | WNOHANG | WNOWAIT) < 0 || death.si_pid == 0)
        return false;
    if (death.si_pid == self.relay)
        relay_died(&death);
    waitid(P_PID, (id_t)death.si_pid, NULL, WEXITED | WNOHANG);
    return true;
}

static bool childless(void)
{
    siginfo_t death;

    return waitid(P_ALL, 0, &death, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

/* False also for one that only waits to be buried by a parent who does not. */
static bool lives(pid_t pid)
{
    char name[64];
    char stat[512];

    format(name, sizeof name, "%d/stat", pid);
    int fd = openat(self.setting->selinux.proc, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, stat, sizeof stat - 1);
    close(fd);
    if (n <= 0)
        return false;
    stat[n] = '\0';
    const char *state = strrchr(stat, ')');
    return state != NULL && strncmp(state, ") Z", 3) != 0 && strncmp(state, ") X", 3) != 0;
}

/* Kills every child that a process has now but one, and the groups that they lead. True when there was one
 * alive. */
static bool kill_children(const char *list, pid_t spared)
{
    char octets[4096];
    bool any = false;

    int fd = openat(self.setting->selinux.proc, list, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, octets, sizeof octets - 1);
    close(fd);
    if (n <= 0)
        return false;
    octets[n] = '\0';
    /* A number that the end of the memory cut off is not one: what follows it comes next time. */
    for (char *at = octets, *end = at; (at = end) < octets + n;) {
        pid_t pid = (pid_t)strtol(at, &end, 10);
        if (end == at || *end != ' ')
            break;
        end++;
        if (pid <= 1 || pid == spared)
            continue;
        any = lives(pid) || any;
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    return any;
}

static void wait_a_little(void)
{
    struct timespec t = {.tv_nsec = AGAIN_MS * 1000000};
    sigset_t deaths;

    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigtimedwait(&deaths, NULL, &t);
}

/* Everybody but the relay dies first, layer by layer: whoever loses its parent becomes ours. The relay holds
 * the other end of their input, which must not end before them: they would take what they have got for the
 * whole. */
static void kill_before_relay(void)
{
    char children[64];
    int64_t until = clock_ms() + BEFORE_RELAY_MS;

    format(children, sizeof children, "%d/task/%d/children", self.relay, self.relay);
    while (!self.gone && clock_ms() < until) {
        bool programs = kill_children(children, self.relay);
        bool orphans = kill_children("thread-self/children", self.relay);
        if (!programs && !orphans)
            break;
        wait_a_little();
        while (bury())
            ;
    }
}

static _Noreturn void leave_nothing(void)
{
    /* Clients are the next launcher's, if this one is gone. A relay without a client has the same descriptors
     * still, and is dead in a moment. */
    if (self.heard)
        close(self.setting->listener);
    if (!childless())
        kill_before_relay();
    while (!childless()) {
        self.killed = true;
        cgroup_kill(&self.group);
        kill_children("thread-self/children", 0);
        while (bury())
            ;
        if (!childless())
            wait_a_little();
    }
    cgroup_remove(&self.setting->cgroups, &self.group);
    /* Only now does the client see the end. */
    _exit(self.status);
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

/* The deadline that counts is the relay's own, who has something to say then. */
static void hear(void)
{
    struct client_here here;

    if (read(self.ear, &here, sizeof here) == sizeof here) {
        self.heard = true;
        self.connection = here.connection;
        self.until = here.deadline == 0 ? 0 : clock_ms() + here.deadline + GRACE_MS;
        /* The relay has its own now. */
        close(self.mouth);
        if (here.own_context >= 0)
            close(here.own_context);
    }
    close(self.ear);
    self.ear = -1;
}

/* The relay sees the same, and has a better end: it knows whether its program is through. */
static void hurry(void)
{
    int64_t soon = clock_ms() + RELAY_ENDS_MS;

    if (self.until == 0 || soon < self.until)
        self.until = soon;
    self.broken = true;
}

/* False when it is time to end: the launcher wants it, or is gone, or the relay has stopped. */
static bool bury_all(void)
{
    struct signalfd_siginfo signal;
    bool ordered = false;

    while (read(self.deaths, &signal, sizeof signal) == sizeof signal)
        ordered = ordered || signal.ssi_signo != SIGCHLD;
    while (!ordered && bury())
        ;
    return !ordered && (self.gone || !stopped());
}

/* Returns when it is time to end, or the relay has. */
static void watch(void)
{
    while (!self.gone) {
        struct pollfd fds[] = {{.fd = self.deaths, .events = POLLIN},
                               {.fd = self.broken ? -1 : self.connection, .events = POLLRDHUP},
                               {.fd = self.ear, .events = POLLIN}};
        int64_t left = self.until == 0 ? -1 : self.until - clock_ms();
        if (self.until != 0 && left <= 0)
            break;
        int n = poll(fds, 3, left > INT_MAX ? INT_MAX : (int)left);
        if (n < 0 && errno != EINTR)
            break;
        if (n <= 0)
            continue;
        if (fds[2].revents != 0)
            hear();
        if (fds[0].revents != 0 && !bury_all())
            break;
        if (fds[1].revents != 0)
            hurry();
    }
}

/* What the relay needs, this process does not: it has only to end others, of another user perhaps. */
static void keep_only_killing(const struct setting *s)
{
    uint64_t permitted;
    uint64_t all;
    uint64_t kill = UINT64_C(1) << CAP_KILL;

    if (!s->switching)
        return;
    if (capability_get(&permitted, &all) < 0 || capability_set(permitted & kill) < 0 ||
        capability_get(&permitted, &all) < 0 || (all & ~kill) != 0) {
        log_line("the supervisor of a program cannot give up its capabilities");
        _exit(EXIT_FAILED);
    }
}

static void prepare(const struct setting *s)
{
    self = (struct supervision){.setting = s, .deaths = signals()};
    if (self.deaths < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        _exit(EXIT_FAILED);
    /* The launcher's death has to be answered now, not died of. */
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != s->launcher)
        _exit(EXIT_GONE);
    if (memory_keep(s->common, sizeof *s->common) < 0)
        _exit(EXIT_FAILED);
}

/* True in the relay. */
static bool fork_relay(struct supervised *relay)
{
    const struct setting *s = self.setting;
    int fds[2];

    self = (struct supervision){.setting = s, .connection = -1, .status = EXIT_FAILED, .deaths = self.deaths};
    if (pipe2(fds, O_CLOEXEC) < 0)
        _exit(EXIT_FAILED);
    relay->supervisor = getpid();
    relay->ear = fds[1];
    long pid = cgroup_fork(&s->cgroups, &relay->group, relay->supervisor);
    if (pid < 0) {
        log_line("the fork of a relay: %s", strerror((int)-pid));
        _exit(EXIT_FAILED);
    }
    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != relay->supervisor)
            _exit(EXIT_GONE);
        return true;
    }
    self.relay = (pid_t)pid;
    self.group = relay->group;
    self.ear = fds[0];
    self.mouth = fds[1];
    return false;
}

/* Only behind a relay that has ended in order, when nobody is left, there is nothing that the next one could
 * have from it. Whoever has given up capabilities cannot have another. */
static bool goes_on(void)
{
    const struct setting *s = self.setting;

    return self.heard && self.gone && self.status == EXIT_SERVED && !s->switching && !s->common->crowded &&
           childless();
}

void supervise(const struct setting *s, struct supervised *relay)
{
    prepare(s);
    while (!fork_relay(relay)) {
        keep_only_killing(s);
        watch();
        if (!goes_on())
            leave_nothing();
        cgroup_remove(&s->cgroups, &self.group);
        meet_tell(s, -getpid());
        /* Only now does the client see the end. */
        close(self.connection);
    }
}

void supervise_tell(const struct supervised *relay, int connection, int own_context, unsigned deadline)
{
    const struct client_here here = {
        .connection = connection, .own_context = own_context, .deadline = deadline};

    if (unshare(CLONE_FILES) < 0 || write(relay->ear, &here, sizeof here) != sizeof here)
        _exit(EXIT_FAILED);
}
