/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders below the root, as far as this process's context may open them. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kind.h"
#include "protocol.h"
#include "status.h"

/* As the kernel writes it. */
struct directory_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static int open_beneath(int at, const char *path, uint64_t flags, uint64_t resolve)
{
    /* No O_NOFOLLOW: with it a link at the end would be opened (O_PATH) or taken for a file (O_DIRECTORY). */
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_SYMLINKS};
    long fd = syscall(SYS_openat2, at, path, &how, sizeof how);

    return fd < 0 ? -errno : (int)fd;
}

/* What the kernel says of a link, a device without a driver or a socket must look like a name that is not
 * there. */
static int answer(int error)
{
    switch (error) {
    case ELOOP:
    case EXDEV:
    case ENXIO:
    case ENODEV:
        return ENOENT;
    default:
        return error;
    }
}

/* Returns 0, ENOENT for what is neither file nor folder, or another positive errno. */
static int attributes_of(int at, const char *path, int flags, struct attributes *attributes)
{
    struct status s;

    int r = status_of(at, path, flags, &s);
    if (r < 0)
        return -r;
    if (S_ISREG(s.mode))
        attributes->kind = KIND_FILE;
    else if (S_ISDIR(s.mode))
        attributes->kind = KIND_DIRECTORY;
    else
        return ENOENT;
    attributes->size = s.size;
    attributes->modified = s.modified;
    attributes->created = s.created;
    return 0;
}

/* No empty segment, no ".", no "..". The kernel would refuse to leave the root as well; it need not come to
 * that. */
static bool plain(const struct text *path)
{
    const char *at = path->octets;
    size_t left = path->length;

    if (left == 0)
        return true;
    for (;;) {
        const char *slash = memchr(at, '/', left);
        size_t width = slash == NULL ? left : (size_t)(slash - at);
        if (width == 0 || (width == 1 && at[0] == '.') || (width == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        if (slash == NULL)
            return true;
        at += width + 1;
        left -= width + 1;
    }
}

/* The path for the kernel, or NULL with *error set. The root is ".", since openat2 knows no empty path. */
static const char *kernel_path(struct text *path, int *error)
{
    if (path->length > PATH_OCTETS_MAX)
        *error = ENAMETOOLONG;
    else if (!plain(path))
        *error = ENOENT;
    else
        return path->length == 0 ? "." : text_terminate(path);
    return NULL;
}

int files_open_root(const char *folder, int *root)
{
    int fd = open_beneath(AT_FDCWD, folder, O_PATH | O_DIRECTORY, 0);

    if (fd < 0)
        return -fd;
    *root = fd;
    return 0;
}

/* The kernel's answer within the root, where a link on the way may have led elsewhere; nothing is opened. */
static int not_opened(int root, const char *name, int error)
{
    int fd = open_beneath(root, name, O_PATH, RESOLVE_BENEATH);

    if (fd < 0)
        return answer(-fd);
    close(fd);
    return answer(error);
}

int files_open(int root, struct text *path, int *fd, struct attributes *attributes)
{
    int error = 0;
    const char *name = kernel_path(path, &error);
    if (name == NULL)
        return error;

    error = kind_check(root, name);
    if (error != 0)
        return not_opened(root, name, error);
    /* Not blocking, should it have become a FIFO meanwhile. */
    int opened = open_beneath(root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_BENEATH);
    if (opened < 0)
        return answer(-opened);
    error = attributes_of(opened, "", AT_EMPTY_PATH, attributes);
    if (error != 0) {
        close(opened);
        return error;
    }
    *fd = opened;
    return 0;
}

/* What this context may not know of, or what has gone meanwhile, is left out of a list. Anything else that
 * keeps it from being looked at would make a list with a hole in it. */
static bool hidden(int error)
{
    return error == EACCES || error == EPERM || error == ENOENT || error == ELOOP;
}

/* Returns 0 or a positive errno. */
static int look_at(int directory, const char *name, struct attributes *attributes)
{
    if (syscall(SYS_faccessat2, directory, name, R_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return errno;
    return attributes_of(directory, name, AT_SYMLINK_NOFOLLOW, attributes);
}

static int show(int directory, const struct directory_entry *e, files_entry *entry, void *context)
{
    struct attributes attributes;
    size_t length = strlen(e->name);

    if (e->type != DT_REG && e->type != DT_DIR && e->type != DT_UNKNOWN)
        return 0;
    if (e->name[0] == '.' && (length == 1 || (length == 2 && e->name[1] == '.')))
        return 0;
    int error = look_at(directory, e->name, &attributes);
    if (error != 0)
        return hidden(error) ? 0 : -error;
    return entry(context, e->name, length, &attributes);
}

int files_list(int root, struct text *path, files_entry *entry, void *context)
{
    static _Alignas(struct directory_entry) char entries[16384];
    int error = 0;

    const char *name = kernel_path(path, &error);
    if (name == NULL)
        return error;
    int directory = open_beneath(root, name, O_RDONLY | O_DIRECTORY, RESOLVE_BENEATH);
    if (directory < 0)
        return answer(-directory);

    int r = 0;
    for (;;) {
        long n = syscall(SYS_getdents64, directory, entries, sizeof entries);
        if (n < 0)
            r = errno == ENOENT ? 0 : -errno;
        if (n <= 0)
            break;
        for (long at = 0; at < n && r == 0;) {
            const struct directory_entry *e = (const struct directory_entry *)(entries + at);
            r = show(directory, e, entry, context);
            at += e->length;
        }
        if (r != 0)
            break;
    }
    close(directory);
    return r;
}
