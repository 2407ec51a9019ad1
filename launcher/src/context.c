/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows SELinux: what the kernel enforces, which context this process has, and taking
 * another. */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "format.h"

#ifndef SELINUX_MAGIC
#define SELINUX_MAGIC 0xf97cff8c
#endif

/*
 * Everything under /proc is opened from a descriptor that was checked to be procfs, without leaving that file
 * system: nothing mounted over a part of it can answer in the kernel's place.
 */
static int open_proc(int proc, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, proc, path, &how, sizeof how);

    return fd < 0 ? -errno : (int)fd;
}

/* The kernel registers selinuxfs exactly when SELinux was not disabled at boot. */
static int kernel_has_selinux(const struct selinux *s)
{
    char list[4096];
    size_t used = 0;

    int fd = open_proc(s->proc, "filesystems", O_RDONLY);
    if (fd < 0)
        return fd;
    for (;;) {
        ssize_t n = read(fd, list + used, sizeof list - 1 - used);
        if (n < 0) {
            int error = errno;
            close(fd);
            return -error;
        }
        if (n == 0)
            break;
        used += (size_t)n;
        if (used == sizeof list - 1) {
            close(fd);
            return -EFBIG;
        }
    }
    close(fd);
    list[used] = '\0';
    return strstr(list, "\tselinuxfs\n") != NULL;
}

/* Contexts come with one trailing NUL, or a newline where another module answers; neither belongs to them. */
static int read_context(int fd, char context[static CONTEXT_SIZE])
{
    ssize_t n = pread(fd, context, CONTEXT_SIZE, 0);

    if (n < 0)
        return -errno;
    if (n > 0 && context[n - 1] == '\0')
        n--;
    if (n == 0 || n >= CONTEXT_SIZE)
        return -EPROTO;
    context[n] = '\0';
    return strlen(context) == (size_t)n ? 0 : -EPROTO;
}

static int open_enforce(struct selinux *s)
{
    struct statfs fs;

    s->enforce = open("/sys/fs/selinux/enforce", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (s->enforce < 0)
        return errno == ENOENT || errno == ENOTDIR ? CONTEXT_NOT_MOUNTED : -errno;
    /* Nobody but SELinux is asked whether a file system may be looked at: its refusal says that it is there.
     */
    if (fstatfs(s->enforce, &fs) < 0)
        return errno == EACCES ? 0 : -errno;
    return (unsigned long)fs.f_type == SELINUX_MAGIC ? 0 : CONTEXT_NOT_MOUNTED;
}

int context_open(struct selinux *s)
{
    struct statfs fs;

    *s = (struct selinux){.proc = -1, .enforce = -1};
    s->asked = "/proc";
    s->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (s->proc < 0 || fstatfs(s->proc, &fs) < 0)
        return -errno;
    if (fs.f_type != PROC_SUPER_MAGIC)
        return -ENODEV;

    s->asked = "/sys/fs/selinux/enforce";
    int r = open_enforce(s);
    if (r == CONTEXT_NOT_MOUNTED) {
        s->asked = "/proc/filesystems";
        int has = kernel_has_selinux(s);
        return has <= 0 ? has : CONTEXT_NOT_MOUNTED;
    }
    if (r != 0)
        return r;
    s->present = true;
    s->asked = "/proc/thread-self/attr/current";
    int fd = open_proc(s->proc, "thread-self/attr/current", O_RDONLY);
    if (fd < 0)
        return fd;
    r = read_context(fd, s->own);
    close(fd);
    return r;
}

int context_enforcing(const struct selinux *s)
{
    char value = '0';

    if (!s->present)
        return 0;
    ssize_t n = pread(s->enforce, &value, 1, 0);
    if (n < 0)
        return -errno;
    if (n != 1 || (value != '0' && value != '1'))
        return -EPROTO;
    return value == '1';
}

int context_open_own(const struct selinux *s)
{
    return open_proc(s->proc, "thread-self/attr/current", O_WRONLY);
}

static int refusal(int error)
{
    switch (error) {
    case EINVAL:
        return CONTEXT_UNKNOWN;
    case EACCES:
        return CONTEXT_DENIED;
    case EPERM:
        return CONTEXT_BOUNDED;
    default:
        return -error;
    }
}

int context_take(int proc, int own, const char *context, size_t length, char now[static CONTEXT_SIZE])
{
    now[0] = '\0';
    ssize_t n = write(own, context, length);
    if (n < 0)
        return refusal(errno);
    if ((size_t)n != length)
        return -EIO;

    /* Opened afresh: the old descriptor belongs to the domain that has just been left. */
    int fd = open_proc(proc, "thread-self/attr/current", O_RDONLY);
    if (fd < 0)
        return fd;
    int r = read_context(fd, now);
    close(fd);
    if (r != 0)
        return r;
    return strlen(now) == length && memcmp(now, context, length) == 0 ? 0 : CONTEXT_DIFFERS;
}

int context_exec(const struct selinux *s, const char *context)
{
    char chosen[CONTEXT_SIZE];
    size_t length = strlen(context);

    int fd = open_proc(s->proc, "thread-self/attr/exec", O_RDWR);
    if (fd < 0)
        return fd;
    ssize_t n = write(fd, context, length);
    int r = n < 0 ? refusal(errno) : (size_t)n != length ? -EIO : read_context(fd, chosen);
    close(fd);
    if (r != 0)
        return r;
    return strcmp(chosen, context) == 0 ? 0 : CONTEXT_DIFFERS;
}

int context_valid(const char *context)
{
    int fd = open("/sys/fs/selinux/context", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, context, strlen(context) + 1);
    int error = n < 0 ? errno : 0;
    close(fd);
    return error == 0 ? 1 : error == EINVAL ? 0 : -error;
}

int context_of(const struct selinux *s, int pid, char context[static CONTEXT_SIZE])
{
    char path[32];

    context[0] = '\0';
    if (!s->present)
        return 0;
    format(path, sizeof path, "%d/attr/current", pid);
    int fd = open_proc(s->proc, path, O_RDONLY);
    if (fd < 0)
        return fd;
    int r = read_context(fd, context);
    close(fd);
    return r;
}

bool context_type_is(const char *context, size_t length, const char *type)
{
    const char *end = context + length;
    const char *at = context;

    for (int field = 0; field < 2; field++) {
        at = memchr(at, ':', (size_t)(end - at));
        if (at == NULL)
            return false;
        at++;
    }
    const char *colon = memchr(at, ':', (size_t)(end - at));
    size_t width = (size_t)((colon == NULL ? end : colon) - at);
    return width == strlen(type) && memcmp(at, type, width) == 0;
}

/* Behind so many colons; `length` where there are fewer. */
static size_t field_at(const char *context, size_t length, int fields)
{
    size_t at = 0;

    for (int field = 0; field < fields; field++) {
        const char *colon = memchr(context + at, ':', length - at);
        if (colon == NULL)
            return length;
        at = (size_t)(colon - context) + 1;
    }
    return at;
}

size_t context_type_at(const char *context, size_t length)
{
    return field_at(context, length, 2);
}

size_t context_range_at(const char *context, size_t length)
{
    return field_at(context, length, 3);
}
