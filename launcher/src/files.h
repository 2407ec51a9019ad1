/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders below one folder, as far as this process's context may open them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attributes {
    uint16_t kind;
    uint64_t size;
    int64_t modified; /* milliseconds since 1970, UTC */
    int64_t created;
};

/*
 * Each returns 0, or as a positive errno why the client gets nothing, or a negative errno when this helper is
 * broken. What the client may not even know of (links, devices) is ENOENT. Paths are those of path_take(),
 * relative to `folder`, and "" is the folder itself.
 */

/* Opens the folder of a root (O_PATH). No symbolic link may be on the way to it: what it leads to could be
 * changed meanwhile. */
int files_open_root(const char *path, int *folder);

/* Opens a file or folder for reading. */
int files_open(int folder, const char *path, int *fd, struct attributes *attributes);

/* Opens what a path names (O_PATH), whatever it is, without a right to it. */
int files_open_way(int folder, const char *path, int *fd);

/* Opens a folder: with O_RDONLY to list it, with O_PATH to name what is in it. */
int files_open_folder(int folder, const char *path, int flags, int *fd);

/* Makes a file that is not there yet, and opens it to write and read. */
int files_create(int folder, const char *name, int *fd);

/* Opens a file that is there to write to it, without changing anything yet. */
int files_open_to_write(int folder, const char *path, int *fd);

/* True for an error that says that nothing is there. */
bool files_absent(int error);

/* Walks a folder that was opened for reading, with memory for what the kernel says of it: every name that
 * could be a file's or a folder's, readable or not. `visit` returns other than 0 to end the walk, which then
 * returns that. */
struct files_memory {
    _Alignas(8) char octets[16384];
};
typedef int files_visit(void *context, const char *name);
int files_walk(int fd, struct files_memory *memory, files_visit *visit, void *context);

/* Is there, under this name of an open folder, a file or folder that may be read? ENOENT and EACCES are the
 * answers of interest. Asks only, so nothing is audited that the policy does not want to hear of. */
int files_look(int fd, const char *name, struct attributes *attributes);
