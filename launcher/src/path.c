/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of requests and mounts of roots, as text: pure functions over memory. */
#include "path.h"

#include <errno.h>
#include <string.h>

#include "protocol.h"

enum { RESERVED_LENGTH = sizeof PATH_RESERVED - 1 };

static bool reserved_segment(const char *segment, size_t length)
{
    return length >= RESERVED_LENGTH && memcmp(segment, PATH_RESERVED, RESERVED_LENGTH) == 0;
}

bool path_name_reserved(const char *name)
{
    return reserved_segment(name, strlen(name));
}

static bool plain_segment(const char *segment, size_t length)
{
    if (length == 0 || (length == 1 && segment[0] == '.'))
        return false;
    return length != 2 || segment[0] != '.' || segment[1] != '.';
}

/* The kernel would refuse to leave the root as well; it need not come to that. */
static int check_segments(const struct text *path, int reserved)
{
    const char *at = path->octets;
    size_t left = path->length;

    while (path->length > 0) {
        const char *slash = memchr(at, '/', left);
        size_t width = slash == NULL ? left : (size_t)(slash - at);
        if (!plain_segment(at, width))
            return ENOENT;
        if (reserved_segment(at, width))
            return reserved;
        if (slash == NULL)
            break;
        at += width + 1;
        left -= width + 1;
    }
    return 0;
}

char *path_take(struct text *path, int reserved, int *error)
{
    *error = path->length > PATH_OCTETS_MAX ? ENAMETOOLONG : check_segments(path, reserved);
    return *error != 0 ? NULL : text_terminate(path);
}

const char *path_below(const char *path, const char *mount)
{
    if (mount[0] == '\0')
        return path;
    size_t length = strlen(++mount);
    if (strncmp(path, mount, length) != 0)
        return NULL;
    if (path[length] == '/')
        return path + length + 1;
    return path[length] == '\0' ? path + length : NULL;
}

const char *path_towards(const char *path, const char *mount, size_t *length)
{
    size_t done = strlen(path);

    if (mount[0] == '\0')
        return NULL;
    mount++;
    if (done > 0) {
        if (strncmp(mount, path, done) != 0 || mount[done] != '/')
            return NULL;
        mount += done + 1;
    }
    *length = strcspn(mount, "/");
    return mount;
}

char *path_split(char *path, const char **folder)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL) {
        *folder = "";
        return path;
    }
    *slash = '\0';
    *folder = path;
    return slash + 1;
}
