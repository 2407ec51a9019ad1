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
        r = write_at(c->tree, "cgroup.subtree_control", "+pids");
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

int cgroup_limit(const struct cgroup *g, unsigned processes)
{
    char text[16];

    format(text, sizeof text, "%u\n", processes + 1);
    int r = write_at(g->folder, "pids.max", text);
    if (r < 0)
        return r;
    int events = openat(g->folder, "pids.events", O_RDONLY | O_CLOEXEC);
    return events < 0 ? -errno : events;
}

bool cgroup_limited(int events)
{
    static const char none[] = "max 0\n";
    char text[64];

    if (events < 0)
        return false;
    /* What cannot be read was there a moment ago: then it was not as it should be. */
    return pread(events, text, sizeof text, 0) < (ssize_t)sizeof none - 1 ||
           memcmp(text, none, sizeof none - 1) != 0;
}

void cgroup_kill(const struct cgroup *g)
{
    int r = g->folder < 0 ? 0 : write_at(g->folder, "cgroup.kill", "1");

    if (r < 0)
        log_line("cgroup %s cannot be killed: %s", g->name, strerror(-r));
}

void cgroup_remove(const struct cgroups *c, const struct cgroup *g)
{
    if (g->folder >= 0 && unlinkat(c->tree, g->name, AT_REMOVEDIR) < 0)
        log_line("cgroup %s cannot be removed: %s", g->name, strerror(errno));
}
