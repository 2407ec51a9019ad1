/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that clients connect to: made, taken over from a dead predecessor, removed at the end. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct listener {
    int fd;
    int folder;       /* the folder that the socket is in */
    const char *name; /* its name there; NULL when it was passed, and is not this process's to remove */
    uint64_t inode;
};

/*
 * Listens on `path` for clients of user `client`. Returns 0, or -1 after having logged what is wrong: errno
 * of bind() and connect() alone would mislead.
 */
int socket_listen(struct listener *l, const char *path, uid_t client);

/* Removes the socket, unless another one has its name by now. */
void socket_remove(const struct listener *l);
