/* SPDX-License-Identifier: Apache-2.0 */
/* statx(), which not every libc that this is built with has, and without their headers' disagreements. */
#include "status.h"

#include <errno.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t milliseconds(const struct statx_timestamp *t)
{
    return t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

int status_of(int at, const char *path, int flags, struct status *status)
{
    struct statx s;
    unsigned wanted = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_NLINK | STATX_INO | STATX_SIZE |
                      STATX_MTIME | STATX_BTIME;

    if (syscall(SYS_statx, at, path, flags, wanted, &s) < 0)
        return -errno;
    status->mode = s.stx_mode;
    status->uid = s.stx_uid;
    status->gid = s.stx_gid;
    status->links = s.stx_nlink;
    status->inode = s.stx_ino;
    status->size = s.stx_size;
    status->modified = milliseconds(&s.stx_mtime);
    status->created = (s.stx_mask & STATX_BTIME) != 0 ? milliseconds(&s.stx_btime) : status->modified;
    return 0;
}
