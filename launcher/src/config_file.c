/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the launcher's own file, and those of the machine's users and groups: only what is root's alone. */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

enum {
    REPORTS_MAX = 20,
    ACCOUNTS_OCTETS_MAX = 16 << 20,
};

struct reports {
    const char *path;
    unsigned count;
};

static void log_report(void *context, unsigned line, const char *word, const char *expected)
{
    struct reports *r = context;

    if (++r->count > REPORTS_MAX)
        return;
    if (line > 0)
        log_line("%s:%u: [%.*s]: %s", r->path, line, 256, word, expected);
    else
        log_line("%s: [%.*s]: %s", r->path, 256, word, expected);
}

static int complain(const char *path, const char *what)
{
    log_line("%s: %s", path, what);
    return -1;
}

/* Whoever may write to the file, or may make another one of it, decides what the launcher allows. */
static int check_file(const char *path, int fd)
{
    struct stat s;

    if (fstat(fd, &s) < 0)
        return complain(path, strerror(errno));
    if (!S_ISREG(s.st_mode))
        return complain(path, "is not a regular file");
    if (s.st_uid != 0) {
        log_line("%s: belongs to user %u, not to root (chown root)", path, s.st_uid);
        return -1;
    }
    if ((s.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return complain(path, "its group or others may write to it (chmod go-w)");
    return 0;
}

static int open_file(const char *path)
{
    /* Not blocking, or a pipe in its place would hold up the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return complain(path, errno == ELOOP ? "is a symbolic link: name the file itself" : strerror(errno));
    if (check_file(path, fd) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Reads it all, at most `most` octets. Returns the length, or -1 after having logged what is wrong. */
static ssize_t read_file(const char *path, char *text, size_t most)
{
    size_t used = 0;

    int fd = open_file(path);
    if (fd < 0)
        return -1;
    for (;;) {
        ssize_t n = read(fd, text + used, most + 1 - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0)
            used += (size_t)n;
        if (n > 0 && used <= most)
            continue;
        const char *error = n < 0 ? strerror(errno) : NULL;
        close(fd);
        if (error != NULL)
            return complain(path, error);
        if (used > most) {
            log_line("%s: is longer than %u octets", path, (unsigned)most);
            return -1;
        }
        return (ssize_t)used;
    }
}

static void *reserve(const char *path, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        complain(path, strerror(errno));
        return NULL;
    }
    return memory;
}

static int read_accounts(const char *path, struct account_file *file)
{
    char *memory = reserve(path, ACCOUNTS_OCTETS_MAX + 1);

    *file = (struct account_file){.octets = memory};
    if (memory == NULL)
        return -1;
    ssize_t length = read_file(path, memory, ACCOUNTS_OCTETS_MAX);
    file->length = length < 0 ? 0 : (size_t)length;
    return length < 0 ? -1 : 0;
}

static void forget_accounts(const struct account_file *file)
{
    if (file->octets != NULL)
        munmap((void *)file->octets, ACCOUNTS_OCTETS_MAX + 1);
}

bool config_resolve(struct config *c, const struct account_file *passwd, const struct account_file *group,
                    config_report *report, void *context)
{
    bool good = true;

    for (unsigned i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        for (unsigned k = r->users.first; k < r->users.first + r->users.count; k++) {
            const char *expected = accounts_find_user(passwd, group, c->min_uids[r->client], &c->users[k]);
            if (expected == NULL)
                continue;
            report(context, r->line, c->users[k].name, expected);
            good = false;
        }
        for (unsigned k = r->groups.first; k < r->groups.first + r->groups.count; k++) {
            const char *expected = accounts_find_group(group, &c->groups[k]);
            if (expected == NULL)
                continue;
            report(context, r->line, c->groups[k].name, expected);
            good = false;
        }
    }
    return good;
}

static int resolve(struct config *c, struct reports *reports)
{
    struct account_file passwd = {0};
    struct account_file group = {0};

    if (c->user_count == 0 && c->group_count == 0)
        return 0;
    int r = read_accounts("/etc/passwd", &passwd);
    if (r == 0)
        r = read_accounts("/etc/group", &group);
    if (r == 0 && !config_resolve(c, &passwd, &group, log_report, reports))
        r = -1;
    forget_accounts(&passwd);
    forget_accounts(&group);
    return r;
}

static int load(const char *path, struct config *c)
{
    struct reports reports = {.path = path};

    ssize_t length = read_file(path, c->text, CONFIG_OCTETS_MAX);
    if (length < 0)
        return -1;
    c->path = path;
    bool good = config_parse(c, (size_t)length, log_report, &reports) && resolve(c, &reports) == 0;
    if (reports.count > REPORTS_MAX)
        log_line("%s: %u more", path, reports.count - REPORTS_MAX);
    if (!good)
        return -1;
    return mprotect(c, sizeof *c, PROT_READ) < 0 ? complain(path, strerror(errno)) : 0;
}

int config_load(const char *path, const struct config **config)
{
    struct config *memory = reserve(path, sizeof *memory);

    if (memory == NULL)
        return -1;
    if (load(path, memory) < 0) {
        munmap(memory, sizeof *memory);
        return -1;
    }
    *config = memory;
    return 0;
}
