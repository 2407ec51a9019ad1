/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of requests and mounts of roots, as text: pure functions over memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "frame.h"

/* How the names of unfinished uploads begin. Nobody else's file has such a name, and no client sees one. */
#define PATH_RESERVED ".tomcat-selinux-"

/* True for a name (not a path) that begins so. */
bool path_name_reserved(const char *name);

/*
 * The path with a NUL behind it, in place, or NULL with *error set: ENAMETOOLONG, ENOENT where a segment is
 * empty, "." or "..", `reserved` where one is reserved.
 */
char *path_take(struct text *path, int reserved, int *error);

/* What is left of a path below a mount ("" or "/a/b"), "" for the mount itself; NULL where it is elsewhere.
 */
const char *path_below(const char *path, const char *mount);

/* The segment that comes next on the way from a path to a mount below it; NULL where the mount is not below.
 */
const char *path_towards(const char *path, const char *mount, size_t *length);

/* Ends the path before its last segment and returns that; the path is "" then where it had only one. */
char *path_split(char *path, const char **folder);
