/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup for each program with all that it starts: counted there, and killed as one. See cgroups(7). */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "denylist.h"
#include "format.h"
#include "log.h"

#define MOUNTED "/sys/fs/cgroup"
#define LEAF    "launcher"

enum { PATH_SIZE = 4096 };

/* The line of /proc/self/cgroup that is not about a hierarchy of the first version: `0::/a/b`. */
static int own_path(int proc, char path[static PATH_SIZE])
{
    char lines[PATH_SIZE];
    size_t used = 0;
    ssize_t n;

    int fd = openat(proc, "thread-self/cgroup", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while ((n = read(fd, lines + used, sizeof lines - 1 - used)) > 0)
        used += (size_t)n;
    close(fd);
    lines[used] = '\0';
    const char *line = strncmp(lines, "0::", 3) == 0 ? lines : strstr(lines, "\n0::");
    if (n < 0 || line == NULL || used == sizeof lines - 1)
        return -ENOENT;
    line = strchr(line, '/');
    if (line == NULL)
        return -ENOENT;
    size_t written = format(path, PATH_SIZE, MOUNTED "%.*s", (int)strcspn(line, "\n"), line);
    return written < PATH_SIZE - 1 ? 0 : -ENAMETOOLONG;
}

static int write_at(int folder, const char *name, const char *text)
{
    int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
    close(fd);
    return r;
}

static int open_tree(struct cgroups *c, int proc)
{
    char path[PATH_SIZE];
    struct statfs fs;

    int r = own_path(proc, path);
    if (r < 0)
        return r;
    c->tree = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->tree < 0 || fstatfs(c->tree, &fs) < 0)
        return -errno;
    if (fs.f_type != CGROUP2_SUPER_MAGIC)
        return -ENODEV;
    c->procs = openat(c->tree, "cgroup.procs", O_PATH | O_CLOEXEC);
    return c->procs < 0 ? -errno : 0;
}

int cgroups_open(struct cgroups *c, int proc, const char **step)
{
    *step = "this process's own, below " MOUNTED;
    int r = open_tree(c, proc);
    /* What counts its children may not have processes itself. */
    if (r == 0) {
        *step = LEAF;
        r = mkdirat(c->tree, LEAF, 0755) < 0 && errno != EEXIST ? -errno : 0;
    }
    if (r == 0) {
        *step = LEAF "/cgroup.procs";
        r = write_at(c->tree, LEAF "/cgroup.procs", "0");
    }
    if (r == 0) {
        *step = "cgroup.subtree_control";
        r = write_at(c->tree, "cgroup.subtree_control", "+pids +memory");
    }
    return r;
}

static int make(const struct cgroups *c, struct cgroup *new, pid_t self)
{
    format(new->name, sizeof new->name, "p%d", self);
    if (mkdirat(c->tree, new->name, 0755) == 0)
        return 0;
    /* Of a process with this number that could not remove it. */
    if (errno != EEXIST || unlinkat(c->tree, new->name, AT_REMOVEDIR) < 0)
        return -errno;
    return mkdirat(c->tree, new->name, 0755) < 0 ? -errno : 0;
}

static long fork_into(const struct cgroup *g)
{
    struct clone_args arguments = {
        .flags = CLONE_FILES | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned)g->folder};

    int procs = openat(g->folder, "cgroup.procs", O_PATH | O_CLOEXEC);
    if (procs < 0)
        return -errno;
    long pid = denylist_clone3(&arguments, sizeof arguments);
    if (pid != 0)
        close(procs);
    return pid;
}

long cgroup_fork(const struct cgroups *c, struct cgroup *new, pid_t self)
{
    *new = (struct cgroup){.folder = -1};
    if (c->tree < 0) {
        long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0)
            denylist_forget();
        return pid < 0 ? -errno : pid;
    }
    int r = make(c, new, self);
    if (r < 0)
        return r;
    new->folder = openat(c->tree, new->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long pid = new->folder < 0 ? -errno : fork_into(new);
    if (pid < 0)
        cgroup_remove(c, new);
    return pid;
}

static int open_events(const struct cgroup *g, const char *name, int *events)
{
    *events = openat(g->folder, name, O_RDONLY | O_CLOEXEC);
    return *events < 0 ? -errno : 0;
}

static void decimal(char *out, size_t size, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    format(out, size, "%.*s", (int)(sizeof digits - at), digits + at);
}

/* What is out of memory is killed, not sent to the disk. Where the kernel cannot swap it knows no such limit.
 */
static int limit_memory(const struct cgroup *g, uint64_t memory)
{
    char text[24];

    decimal(text, sizeof text, memory);
    int r = write_at(g->folder, "memory.swap.max", "0");
    return r < 0 && r != -ENOENT ? r : write_at(g->folder, "memory.max", text);
}

int cgroup_limit(const struct cgroup *g, unsigned processes, uint64_t memory, struct cgroup_events *events)
{
    char text[16];

    format(text, sizeof text, "%u\n", processes + 1);
    int r = write_at(g->folder, "pids.max", text);
    if (r == 0 && memory > 0)
        r = limit_memory(g, memory);
    if (r == 0)
        r = open_events(g, "pids.events", &events->processes);
    return r < 0 ? r : open_events(g, "memory.events", &events->memory);
}

/* Whether the line that begins with `name` has another number than 0. */
static bool happened(int events, const char *name)
{
    char text[512];
    size_t length = strlen(name);

    if (events < 0)
        return false;
    ssize_t n = pread(events, text, sizeof text - 1, 0);
    text[n < 0 ? 0 : n] = '\0';
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            return line[length + 1] != '0';
        if (line[strcspn(line, "\n")] == '\0')
            break;
    }
    /* What cannot be read was there a moment ago: then it was not as it should be. */
    return true;
}

bool cgroup_refused(const struct cgroup_events *events)
{
    return happened(events->processes, "max");
}

bool cgroup_out_of_memory(const struct cgroup_events *events)
{
    return happened(events->memory, "oom_kill");
}

void cgroup_kill(const struct cgroup *g)
{
    int r = g->folder < 0 ? 0 : write_at(g->folder, "cgroup.kill", "1");

    if (r < 0)
        log_line("cgroup %s cannot be killed: %s", g->name, strerror(-r));
}

void cgroup_remove(const struct cgroups *c, struct cgroup *g)
{
    if (g->folder < 0)
        return;
    if (unlinkat(c->tree, g->name, AT_REMOVEDIR) < 0)
        log_line("cgroup %s cannot be removed: %s", g->name, strerror(errno));
    close(g->folder);
    g->folder = -1;
}
