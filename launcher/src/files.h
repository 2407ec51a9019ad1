/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders below the root, as far as this process's context may open them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

struct attributes {
    uint16_t kind;
    uint64_t size;
    int64_t modified; /* milliseconds since 1970, UTC */
    int64_t created;
};

/*
 * Each returns 0, or as a positive errno why the client gets nothing, or a negative errno when this helper is
 * broken. What the client may not even know of (links, devices, "..") is ENOENT.
 */

/* Opens the root folder itself. No symbolic link may be on the way to it: what it leads to could be changed
 * meanwhile. */
int files_open_root(const char *folder, int *root);

/* Opens a file or folder for reading. */
int files_open(int root, struct text *path, int *fd, struct attributes *attributes);

/* Walks the readable entries of a folder. `entry` returns a negative errno to end the walk, which then
 * returns that. */
typedef int files_entry(void *context, const char *name, size_t length, const struct attributes *attributes);
int files_list(int root, struct text *path, files_entry *entry, void *context);
