/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders below one folder, as far as this process's context may open them. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kind.h"
#include "protocol.h"
#include "status.h"

enum { MODE_NEW = 0666 }; /* less what the umask takes away */

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
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .mode = (flags & O_CREAT) != 0 ? MODE_NEW : 0,
        .resolve = resolve | RESOLVE_NO_SYMLINKS,
    };
    long fd = syscall(SYS_openat2, at, path, &how, sizeof how);

    return fd < 0 ? -errno : (int)fd;
}

/* openat2 and statx know no empty path. */
static const char *kernel_path(const char *path)
{
    return path[0] == '\0' ? "." : path;
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

int files_open_root(const char *path, int *folder)
{
    int fd = open_beneath(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);

    if (fd < 0)
        return -fd;
    *folder = fd;
    return 0;
}

/* The kernel's answer within the root, where a link on the way may have led elsewhere; nothing is opened. */
static int not_opened(int folder, const char *name, int error)
{
    int fd = open_beneath(folder, name, O_PATH, RESOLVE_BENEATH);

    if (fd < 0)
        return answer(-fd);
    close(fd);
    return answer(error);
}

int files_open(int folder, const char *path, int *fd, struct attributes *attributes)
{
    const char *name = kernel_path(path);

    int error = kind_check(folder, name);
    if (error != 0)
        return not_opened(folder, name, error);
    /* Not blocking, should it have become a FIFO meanwhile. */
    int opened = open_beneath(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_BENEATH);
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

int files_open_way(int folder, const char *path, int *fd)
{
    int opened = open_beneath(folder, kernel_path(path), O_PATH, RESOLVE_BENEATH);

    if (opened < 0)
        return answer(-opened);
    *fd = opened;
    return 0;
}

int files_open_folder(int folder, const char *path, int flags, int *fd)
{
    int opened = open_beneath(folder, kernel_path(path), (uint64_t)flags | O_DIRECTORY, RESOLVE_BENEATH);

    if (opened < 0)
        return answer(-opened);
    *fd = opened;
    return 0;
}

int files_create(int folder, const char *name, int *fd)
{
    int opened = open_beneath(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, RESOLVE_BENEATH);

    if (opened < 0)
        return -opened;
    *fd = opened;
    return 0;
}

int files_open_to_write(int folder, const char *path, int *fd)
{
    int error = kind_check(folder, path);
    if (error != 0)
        return not_opened(folder, path, error);
    int opened = open_beneath(folder, path, O_WRONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_BENEATH);
    if (opened < 0)
        return answer(-opened);
    *fd = opened;
    return 0;
}

bool files_absent(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

static bool of_interest(const struct directory_entry *e)
{
    if (e->type != DT_REG && e->type != DT_DIR && e->type != DT_UNKNOWN)
        return false;
    return e->name[0] != '.' || (e->name[1] != '\0' && (e->name[1] != '.' || e->name[2] != '\0'));
}

int files_walk(int fd, struct files_memory *memory, files_visit *visit, void *context)
{
    int r = 0;

    while (r == 0) {
        long n = syscall(SYS_getdents64, fd, memory->octets, sizeof memory->octets);
        if (n < 0)
            return errno == ENOENT ? 0 : -errno;
        if (n == 0)
            break;
        for (long at = 0; at < n && r == 0;) {
            const struct directory_entry *e = (const struct directory_entry *)(memory->octets + at);
            if (of_interest(e))
                r = visit(context, e->name);
            at += e->length;
        }
    }
    return r;
}

int files_look(int fd, const char *name, struct attributes *attributes)
{
    if (syscall(SYS_faccessat2, fd, name, R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0)
        return errno;
    return attributes_of(fd, name, AT_SYMLINK_NOFOLLOW, attributes);
}
