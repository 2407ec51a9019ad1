/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the roots that CONFINE asks for. */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol.h"
#include "status.h"

/* Names that are needed for longer than the frame. All of them come from one. */
static char names[FRAME_MAX_CONFINE];
static size_t names_used;

static const char *keep(const char *octets, size_t length)
{
    char *name = names + names_used;

    memcpy(name, octets, length);
    name[length] = '\0';
    names_used += length + 1;
    return name;
}

/* An archive is reached through the folder that it lies in, for a descriptor that only names it cannot be
 * read.
 */
static int open_archive(char *path, struct root *root)
{
    char *name = strrchr(path, '/') + 1;
    char first = *name;
    struct status status;

    root->archive = keep(name, strlen(name));
    *name = '\0';
    int error = files_open_root(path, &root->folder);
    *name = first;
    if (error == 0)
        error = files_open_way(root->folder, root->archive, &root->file);
    if (error != 0)
        return error;
    int r = status_of(root->file, "", AT_EMPTY_PATH, &status);
    if (r < 0)
        return -r;
    return S_ISREG(status.mode) ? 0 : EISDIR;
}

static int open_one(struct confine_root *asked, struct root *root)
{
    char *path = text_terminate(&asked->folder);

    root->flags = asked->flags;
    root->archive = NULL;
    root->file = -1;
    root->mount = asked->mount.length == 0 ? "" : keep(asked->mount.octets, asked->mount.length);
    if ((asked->flags & PROTOCOL_ROOT_ARCHIVE) != 0)
        return open_archive(path, root);
    return files_open_root(path, &root->folder);
}

int mount_roots(struct confine_list asked, struct root *only, struct roots *roots,
                struct confine_root *failed)
{
    static struct root table[ROOTS_MAX];
    struct root *root = asked.count == 1 ? only : table;
    int error = 0;

    roots->root = root;
    roots->count = 0;
    while (error == 0 && confine_next_root(&asked, failed))
        error = open_one(failed, &root[roots->count++]);
    return error;
}
