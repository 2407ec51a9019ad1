/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the launcher: checks that it may do its work, listens, gives up what it does not need, supervises.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "birth.h"
#include "capability.h"
#include "config_file.h"
#include "denylist.h"
#include "domains.h"
#include "filter.h"
#include "format.h"
#include "landlock.h"
#include "log.h"
#include "memory.h"
#include "options.h"
#include "privileges.h"
#include "protocol.h"
#include "rlimits.h"
#include "serve.h"
#include "server_context.h"
#include "socket.h"
#include "spawn.h"

enum {
    /* The launcher has about ten; a helper its roots, the same folder in each of them, and sixteen handles.
     */
    FILES_OPEN_MAX = 256,
    PROGRAMS_OPEN_MAX = 1024,
};

/* musl relocates a static PIE by itself but leaves the relocated part writable. */
static int protect_relocated(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_GNU_RELRO)
            continue;
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
        uintptr_t start = (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) & ~(page - 1);
        uintptr_t end =
            (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz) & ~(page - 1);
        return end > start && mprotect((void *)start, end - start, PROT_READ) < 0 ? -1 : 0;
    }
    return 0;
}

/* Descriptors 0 to 2 exist, so that no other file gets their numbers, and a message on stderr goes nowhere
 * else. */
static int open_standard(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return -1;
    return 0;
}

static int refuse(int status, const char *what)
{
    log_line("%s", what);
    return status;
}

static int broken(const char *what, int error)
{
    log_line("%s: %s", what, strerror(error));
    return EX_OSERR;
}

/* Returns 0 or the exit status, having logged why. */
static int check_selinux(const struct options *o, struct setting *s)
{
    int r = context_open(&s->selinux);
    if (r == CONTEXT_NOT_MOUNTED)
        return refuse(
            EX_UNAVAILABLE,
            "SELinux: the kernel has it, but /sys/fs/selinux is not mounted, so nobody can tell whether "
            "it is enforcing: mount it");
    if (r == -ENOSYS)
        return refuse(EX_OSERR, "openat2: this kernel does not have it; Linux 5.14 or newer is needed");
    if (r < 0)
        return broken(s->selinux.asked, -r);
    if (!s->selinux.present) {
        if (!o->not_enforcing)
            return refuse(EX_UNAVAILABLE,
                          "SELinux: disabled in this kernel; --not-enforcing would go on, confining nothing");
        log_line("SELinux: disabled in this kernel: NO CONTEXT IS TAKEN (--not-enforcing)");
        return 0;
    }

    int enforcing = context_enforcing(&s->selinux);
    if (enforcing < 0)
        return broken("/sys/fs/selinux/enforce", -enforcing);
    if (!enforcing && !o->not_enforcing)
        return refuse(
            EX_UNAVAILABLE,
            "SELinux: permissive (setenforce 1); --not-enforcing would go on, with nothing enforced");
    s->own_domain = context_type_is(s->selinux.own, strlen(s->selinux.own), LAUNCHER_DOMAIN);
    if (!s->own_domain && enforcing) {
        log_line("SELinux: running as %s, not in " LAUNCHER_DOMAIN
                 ": is the policy module loaded, and this file labelled "
                 "(restorecon -v)? Under NoNewPrivileges= the policy must also allow nnp_transition",
                 s->selinux.own);
        return EX_NOPERM;
    }
    if (!enforcing)
        log_line("SELinux: permissive: NOTHING IS ENFORCED (--not-enforcing)");
    if (!s->own_domain)
        log_line("SELinux: running as %s, not in " LAUNCHER_DOMAIN
                 ": this would not start on an enforcing kernel",
                 s->selinux.own);
    return 0;
}

static int make_pipe(int fds[static 2])
{
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    /* Only the reading end must not block: it is emptied until nothing is left. */
    return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int announce(const struct setting *s)
{
    char line[64 + CONTEXT_SIZE];
    size_t length =
        format(line, sizeof line, "ready %d %s\n", s->launcher, s->selinux.present ? s->selinux.own : "-");

    return write(STDOUT_FILENO, line, length) == (ssize_t)length ? 0 : -1;
}

/* To make helpers other users, to end them, and what a line of the file lets them have. */
static uint64_t needed_capabilities(const struct config *c)
{
    uint64_t needed = c->capabilities;

    if (c->user_count > 0 || c->group_count > 0)
        needed |= UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID | UINT64_C(1) << CAP_KILL;
    return needed;
}

/* Whether helpers will be somebody else, and then whether they can. Returns 0 or the exit status. */
static int check_switching(const struct options *o, struct setting *s)
{
    uint64_t permitted;
    uint64_t all;
    unsigned line;

    if (s->config == NULL && !o->child && geteuid() == 0)
        return refuse(
            EX_NOPERM,
            "root, without --config: its helpers would be root, too: start it as another user, or name "
            "a file whose lines say which users they are");
    if (s->config == NULL)
        return 0;
    s->switching = config_switches(s->config);
    if (s->switching && o->child) {
        log_line("%s: user=, group= and capability= are for a launcher that is a service: a child of the JVM "
                 "(--child) has what the JVM has, and no more",
                 s->config->path);
        return EX_CONFIG;
    }
    if (!o->child && geteuid() == 0 && (line = config_keeps_own_user(s->config)) != 0) {
        log_line("%s:%u: without user= a helper would be what the launcher is, root: name a user, or run the "
                 "launcher as one",
                 s->config->path, line);
        return EX_CONFIG;
    }
    int r = s->switching ? capability_get(&permitted, &all) : 0;
    if (r < 0)
        return broken("capget", -r);
    if (s->switching && (needed_capabilities(s->config) & ~permitted) != 0) {
        log_line("%s: names users, groups or capabilities, which needs CAP_SETUID, CAP_SETGID, CAP_KILL and "
                 "those named (AmbientCapabilities= of the service)",
                 s->config->path);
        return EX_NOPERM;
    }
    return 0;
}

/* Gives up what neither supervision nor any helper needs. Returns 0 or the exit status. */
static int give_up(struct setting *s)
{
    bool programs = s->way == PROTOCOL_WAY_PROGRAMS;
    uint64_t keep = s->switching ? needed_capabilities(s->config) : 0;
    bool complete = privileges_complete();
    int r = limits_inherit(programs ? PROGRAMS_OPEN_MAX : FILES_OPEN_MAX, programs);
    if (r < 0)
        return broken("limits (SELinux: process setrlimit)", -r);
    r = privileges_drop(keep);
    if (r < 0)
        return broken("giving up capabilities (SELinux: capability setpcap, process setcap)", -r);
    r = privileges_no_new();
    if (r < 0)
        return broken("no-new-privileges", -r);
    const char *missing = privileges_missing(keep, complete);
    if (missing != NULL) {
        log_line("%s: not in force, though the kernel did not refuse", missing);
        return EX_OSERR;
    }
    r = programs ? denylist_install() : filter_install(s->switching, s->change_secret);
    if (r < 0)
        return broken("system-call filter: the kernel needs CONFIG_SECCOMP_FILTER", -r);
    /* Every fork inherits them, and nothing that a helper may call takes them away. */
    s->measures = MEASURE_NO_NEW_PRIVS | (filter_in_force() ? MEASURE_FILTER : 0U) |
                  (s->switching ? 0U : MEASURE_NO_CAPABILITIES);
    return 0;
}

static int listen_somewhere(struct listener *l, const struct options *o, const struct setting *s)
{
    if (o->socket != NULL)
        return socket_listen(l, o->socket, s->clients[0].uid);
    *l = (struct listener){.fd = service_take_socket(), .folder = -1};
    return l->fd < 0 ? -1 : 0;
}

/* What else our starter left open would stay open for ever, and use up what descriptors there may be. */
static int close_others(void)
{
    unsigned first = SERVICE_FIRST_PASSED + (service_passes_socket() ? 1U : 0U);

    return syscall(SYS_close_range, first, UINT_MAX, 0) < 0 ? -errno : 0;
}

/* What killing and counting programs depends on. Returns 0 or the exit status. */
static int prepare_programs(const struct options *o, struct setting *s)
{
    const char *step = "";

    s->cgroups = (struct cgroups){.tree = -1, .procs = -1};
    if (o->programs && faccessat(s->selinux.proc, "thread-self/children", R_OK, 0) < 0) {
        log_line("/proc/thread-self/children: %s: without it nobody can find what a program leaves running "
                 "(CONFIG_PROC_CHILDREN)",
                 strerror(errno));
        return EX_OSERR;
    }
    int r = o->cgroup ? cgroups_open(&s->cgroups, s->selinux.proc, &step) : 0;
    if (r < 0)
        log_line("--cgroup: %s: %s: is it delegated to this service (Delegate=yes), with the controllers "
                 "pids and memory?",
                 step, strerror(-r));
    return r < 0 ? EX_OSERR : 0;
}

/* What is the launcher's alone goes behind everything that helpers need, so that they can close it at birth.
 */
static int put_aside(int *fd)
{
    if (*fd < 0)
        return 0;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, LAUNCHERS_DESCRIPTORS);
    if (moved < 0)
        return -errno;
    close(*fd);
    *fd = moved;
    return 0;
}

static int run(const struct options *o, struct setting *s)
{
    struct household h = {.idle = o->idle, .max = o->max, .watch = o->child ? STDIN_FILENO : -1};
    struct listener listener;
    int busy[2];

    /* A JVM that has stopped to read must not stop us: then a line is lost. */
    if (o->child && fcntl(STDERR_FILENO, F_SETFL, O_WRONLY | O_NONBLOCK) < 0)
        return broken("standard error", errno);
    if (service_open(&h.service) < 0)
        return EX_OSERR;
    s->landlock = landlock_version();
    if (s->landlock < 0)
        return broken("Landlock", -s->landlock);
    int r = spawn_prepare(&h, s);
    if (r < 0)
        return broken("signals and memory", -r);
    s->change_secret = birth_memory(sizeof *s->change_secret + SERVE_MEMORY);
    if (s->change_secret == NULL)
        return broken("memory", ENOMEM);
    s->memory = (uint8_t *)(s->change_secret + 1);
    s->common = o->programs ? memory_common(sizeof *s->common) : memory_alone(sizeof *s->common);
    if (s->common == NULL)
        return broken("memory", ENOMEM);
    r = prepare_programs(o, s);
    if (r != 0)
        return r;
    r = make_pipe(busy);
    if (r < 0)
        return broken("pipe", -r);
    h.busy = busy[0];
    s->busy = busy[1];
    s->low = h.low = eventfd(0, EFD_CLOEXEC);
    if (h.low < 0)
        return broken("eventfd", errno);
    s->low_mark = (int)((o->idle + 1) / 2 * sizeof(pid_t));
    if (listen_somewhere(&listener, o, s) < 0)
        return EX_CANTCREAT;
    s->listener = listener.fd;
    int *const alone[] = {&h.busy, &h.deaths, &h.orders, &h.service.fd, &listener.folder};
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
        if ((r = put_aside(alone[i])) < 0)
            return broken("descriptors", -r);

    int status = give_up(s);
    if (status == 0 && o->child && announce(s) < 0)
        status = refuse(EX_OSERR, "standard output: nobody reads it");
    if (status == 0 && (r = service_notify(&h.service, "READY=1")) < 0)
        status = broken("NOTIFY_SOCKET", -r);
    if (status == 0) {
        /* Nobody hears of it any more, and its place is for the first descriptor that a helper makes. */
        if (s->way == PROTOCOL_WAY_FILES)
            close(STDOUT_FILENO);
        r = spawn_supervise(&h, s);
        status = r < 0 ? broken("poll", -r) : EX_OK;
        service_notify(&h.service, "STOPPING=1");
    }
    socket_remove(&listener);
    return status;
}

int main(int argc, char **argv)
{
    static struct setting setting;
    static struct client client;
    struct options options;

    if (open_standard() < 0)
        return broken("standard streams", errno);
    if (server_asked(argc, argv))
        return server_start(argc, argv);
    int r = close_others();
    if (r < 0)
        return broken("close_range: Linux 5.9 or newer is needed", -r);
    if (dl_iterate_phdr(protect_relocated, NULL) != 0)
        return broken("mprotect", errno);
    if (!memory_arguments(argc, argv))
        return refuse(EX_USAGE, "the arguments are longer than 8192 octets");
    if (options_parse(&options, argc, argv) < 0)
        return EX_USAGE;
    if (options.help)
        return write(STDOUT_FILENO, options_help, strlen(options_help)) < 0 ? EX_OSERR : EX_OK;

    setting.launcher = getpid();
    setting.way = options.programs ? PROTOCOL_WAY_PROGRAMS : PROTOCOL_WAY_FILES;
    setting.not_enforcing = options.not_enforcing;
    client = (struct client){.uid = options.client_uid, .domain = options.client_domain};
    setting.clients = &client;
    setting.client_count = 1;
    if (options.config != NULL) {
        if (config_load(options.config, &setting.config) < 0)
            return EX_CONFIG;
        setting.clients = setting.config->clients;
        setting.client_count = setting.config->client_count;
    }
    int status = check_switching(&options, &setting);
    if (status == 0)
        status = check_selinux(&options, &setting);
    return status != 0 ? status : run(&options, &setting);
}
