/* SPDX-License-Identifier: Apache-2.0 */
/* statx(), which not every libc that this is built with has, and without their headers' disagreements. */
#pragma once

#include <stdint.h>

struct status {
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t links;
    uint64_t inode;
    uint64_t size;
    int64_t modified; /* milliseconds since 1970, UTC */
    int64_t created;  /* the same as `modified` where the file system does not know it */
};

/* Returns 0 or a negative errno. An empty path with AT_EMPTY_PATH asks for the descriptor itself. */
int status_of(int at, const char *path, int flags, struct status *status);
