/* SPDX-License-Identifier: Apache-2.0 */
/* Unfinished uploads: files that only their own helper may use, and that the next one removes when it died.
 */
#include "leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "filter.h"
#include "format.h"
#include "status.h"

enum {
    ATTEMPTS = 16,
    NUMBERS = 3, /* in a name */
};

static bool is_still(int folder, const char *name, int fd)
{
    struct status named;
    struct status opened;

    return status_of(folder, name, AT_SYMLINK_NOFOLLOW, &named) == 0 &&
           status_of(fd, "", AT_EMPTY_PATH, &opened) == 0 && named.inode == opened.inode;
}

/* The lock tells a file that is being written from one that nobody will finish: the kernel takes it from the
 * dead. */
int leftovers_lock(int fd)
{
    long r = filter_change_call(SYS_flock, fd, LOCK_EX | LOCK_NB, 0, 0, 0);

    return r < 0 ? (int)-r : 0;
}

int leftovers_make(int folder, char name[static LEFTOVER_NAME], int *fd)
{
    struct timespec t = {0};
    int error = EEXIST;

    /* Not through the libc, which would ask memory that a helper does not have. */
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        format(name, LEFTOVER_NAME, PATH_RESERVED "%d-%u-%u", getpid(), (unsigned)t.tv_nsec, i);
        error = files_create(folder, name, fd);
        if (error == EEXIST)
            continue;
        if (error != 0)
            return error;
        error = leftovers_lock(*fd);
        /* Before it was locked, somebody may have taken it for a dead one's. */
        if (error == 0 && is_still(folder, name, *fd))
            return 0;
        close(*fd);
        if (error != 0 && error != EWOULDBLOCK) {
            filter_change_call(SYS_unlinkat, folder, (long)name, 0, 0, 0);
            return error;
        }
        error = EEXIST;
    }
    return error;
}

/* Made by leftovers_make(), and not merely called alike. */
static bool is_ours(const char *name)
{
    if (!path_name_reserved(name))
        return false;
    name += sizeof PATH_RESERVED - 1;
    for (unsigned number = 0; number < NUMBERS; number++) {
        size_t digits = strspn(name, "0123456789");
        if (digits == 0 || name[digits] != (number < NUMBERS - 1 ? '-' : '\0'))
            return false;
        name += digits + 1;
    }
    return true;
}

static int sweep_one(void *context, const char *name)
{
    const int *folder = context;
    struct attributes unused;
    int fd = -1;

    /* Asked first: what belongs to others would be denied, which is not worth a record each time. */
    if (!is_ours(name) || files_look(*folder, name, &unused) != 0 ||
        files_open(*folder, name, &fd, &unused) != 0)
        return 0;
    if (leftovers_lock(fd) == 0 && is_still(*folder, name, fd))
        filter_change_call(SYS_unlinkat, *folder, (long)name, 0, 0, 0);
    close(fd);
    return 0;
}

void leftovers_sweep(int folder)
{
    static struct files_memory memory;

    files_walk(folder, &memory, sweep_one, &folder);
}
