/* SPDX-License-Identifier: Apache-2.0 */
/* The roots that a helper serves, and what lies where in them. */
#include "roots.h"

#include <errno.h>
#include <unistd.h>

#include "path.h"
#include "protocol.h"
#include "refusal.h"

bool root_writable(const struct root *root)
{
    return root->archive == NULL && (root->flags & PROTOCOL_ROOT_READ_ONLY) == 0;
}

bool roots_writable(const struct roots *roots)
{
    for (uint16_t i = 0; i < roots->count; i++)
        if (root_writable(&roots->root[i]))
            return true;
    return false;
}

static int open_in(const struct root *root, const char *path, struct found *found)
{
    if (root->archive == NULL)
        return files_open(root->folder, path, &found->fd, &found->attributes);
    if (path[0] != '\0')
        return ENOTDIR;
    int error = files_open(root->folder, root->archive, &found->fd, &found->attributes);
    if (error == 0 && found->attributes.kind != KIND_FILE) {
        close(found->fd);
        error = ENOENT;
    }
    return error;
}

static void refuse(const struct roots *roots, const char *path, struct found *found)
{
    const struct root *root = &roots->root[found->root];
    const char *below = root->archive != NULL ? root->archive : path;

    found->fd = -1;
    found->attributes = (struct attributes){0};
    found->refused = refusal_of(found->error, roots->selinux, root->folder, below, R_OK);
}

void roots_open(const struct roots *roots, const char *path, struct found *found)
{
    bool way = false;
    int missed = ENOENT;
    size_t length;

    for (uint16_t i = 0; i < roots->count; i++) {
        const struct root *root = &roots->root[i];
        const char *below = path_below(path, root->mount);
        if (below == NULL) {
            way = way || path_towards(path, root->mount, &length) != NULL;
            continue;
        }
        found->root = i;
        found->refused = REFUSED_NOT;
        found->error = open_in(root, below, found);
        if (found->error == 0)
            return;
        if (!files_absent(found->error)) {
            refuse(roots, below, found);
            return;
        }
        missed = found->error;
    }
    *found = (struct found){.error = way ? 0 : missed, .fd = -1};
    if (way)
        found->attributes.kind = KIND_WAY;
}

void roots_stat(const struct roots *roots, const char *path, struct found *found)
{
    roots_open(roots, path, found);
    if (found->fd >= 0)
        close(found->fd);
    found->fd = -1;
}
