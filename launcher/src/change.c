/* SPDX-License-Identifier: Apache-2.0 */
/* Changes below the roots that may be written to, and whether they would be allowed. */
#include "change.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "leftovers.h"
#include "path.h"
#include "protocol.h"
#include "refusal.h"
#include "status.h"
#include "upload.h"

enum { MODE_FOLDER = 0777 }; /* less what the umask takes away */

/* Where something is to be changed. */
struct place {
    const struct root *root;
    char *path;         /* below the root */
    const char *parent; /* the folder that it is in */
    const char *name;
    int folder; /* that folder */
    bool listable;
};

static void refuse(const struct roots *roots, const struct place *p, const char *path, int wanted,
                   struct found *found)
{
    found->refused = refusal_of(found->error, roots->selinux, p->root->folder, path, wanted);
}

/* The first root to write to; `found` says what is in the way: an earlier root that has the path already. */
static bool choose(const struct roots *roots, char *path, struct place *p, struct found *found)
{
    for (uint16_t i = 0; i < roots->count; i++) {
        const char *below = path_below(path, roots->root[i].mount);
        if (below == NULL || !root_writable(&roots->root[i]))
            continue;
        const struct roots upper = {.root = roots->root, .count = i, .selinux = roots->selinux};
        roots_stat(&upper, path, found);
        if (found->error == 0 && found->attributes.kind != KIND_WAY) {
            found->error = EEXIST;
            return false;
        }
        if (found->error != 0 && !files_absent(found->error))
            return false;
        *found = (struct found){.root = i, .fd = -1};
        *p = (struct place){.root = &roots->root[i], .path = path + (below - path), .folder = -1};
        return true;
    }
    *found = (struct found){.error = EROFS, .fd = -1};
    return false;
}

/* Opens the folder that the path's last name is in. A folder that may be written to and not read is one, too.
 */
static bool open_parent(const struct roots *roots, struct place *p, struct found *found)
{
    p->name = path_split(p->path, &p->parent);
    int error = files_open_folder(p->root->folder, p->parent, O_RDONLY, &p->folder);
    p->listable = error == 0;
    if (error == EACCES)
        error = files_open_folder(p->root->folder, p->parent, O_PATH, &p->folder);
    found->error = error;
    if (error != 0)
        refuse(roots, p, p->parent, X_OK, found);
    return error == 0;
}

void change_make_folder(const struct roots *roots, char *path, struct found *found)
{
    struct place p;

    if (!choose(roots, path, &p, found))
        return;
    if (p.path[0] == '\0') {
        found->error = EEXIST;
        return;
    }
    if (!open_parent(roots, &p, found))
        return;
    if (p.listable)
        leftovers_sweep(p.folder);
    long r = filter_change_call(SYS_mkdirat, p.folder, (long)p.name, MODE_FOLDER, 0, 0);
    close(p.folder);
    if (r < 0) {
        found->error = (int)-r;
        refuse(roots, &p, p.parent, W_OK | X_OK, found);
    }
}

/* Where a root is mounted there or below, a file would hide it. */
static bool leads_to_a_mount(const struct roots *roots, const char *path)
{
    size_t length;

    for (uint16_t i = 0; i < roots->count; i++) {
        const char *mount = roots->root[i].mount;
        if (path_towards(path, mount, &length) != NULL || (mount[0] != '\0' && strcmp(path, mount + 1) == 0))
            return true;
    }
    return false;
}

/* The folder or the file that is there: Unix permissions come first. */
static void refuse_upload(const struct roots *roots, const struct place *p, struct found *found)
{
    refuse(roots, p, p->parent, W_OK | X_OK, found);
    if (found->refused == REFUSED_UNIX || found->refused == REFUSED_NOT)
        return;
    uint16_t folder = found->refused;
    if (p->parent[0] != '\0')
        p->path[strlen(p->path)] = '/';
    refuse(roots, p, p->path, W_OK, found);
    if (found->refused == REFUSED_UNKNOWN)
        found->refused = folder;
}

void change_outcome(int r, struct found *found)
{
    found->error = r == UPLOAD_CONFLICT ? EPERM : r;
    found->refused = r == UPLOAD_CONFLICT ? REFUSED_CONFLICT : REFUSED_NOT;
}

void change_create(const struct roots *roots, char *path, uint16_t mode, struct found *found)
{
    struct place p;

    bool way = leads_to_a_mount(roots, path);
    if (!choose(roots, path, &p, found)) {
        /* What is written there would not be seen. */
        if (found->error == EEXIST && mode != UPLOAD_NEW)
            found->error = EROFS;
        return;
    }
    if (p.path[0] == '\0' || way) {
        found->error = EISDIR;
        return;
    }
    if (!open_parent(roots, &p, found))
        return;
    change_outcome(upload_begin(p.folder, p.listable, p.name, mode), found);
    if (found->error != 0 && found->refused == REFUSED_NOT)
        refuse_upload(roots, &p, found);
}

/* What is there under a name; links and devices are not. */
static int kind_of(int folder, const char *name, bool *is_folder)
{
    struct status s;

    int r = status_of(folder, name, AT_SYMLINK_NOFOLLOW, &s);
    if (r < 0)
        return -r;
    *is_folder = S_ISDIR(s.mode);
    return S_ISREG(s.mode) || S_ISDIR(s.mode) ? 0 : ENOENT;
}

/* What dead helpers left in a folder must not keep it from being removed, since nobody can see it. */
static void sweep_inside(int folder, const char *name)
{
    int fd = -1;

    if (files_open_folder(folder, name, O_RDONLY, &fd) != 0)
        return;
    leftovers_sweep(fd);
    close(fd);
}

static int remove_from(int folder, const char *name)
{
    bool is_folder = false;

    int error = kind_of(folder, name, &is_folder);
    if (error != 0)
        return error;
    int flags = is_folder ? AT_REMOVEDIR : 0;
    long r = filter_change_call(SYS_unlinkat, folder, (long)name, flags, 0, 0);
    if (r == -ENOTEMPTY) {
        sweep_inside(folder, name);
        r = filter_change_call(SYS_unlinkat, folder, (long)name, flags, 0, 0);
    }
    return r < 0 ? (int)-r : 0;
}

/* The root that a client sees it in, whether or not it may be read. */
static bool find(const struct roots *roots, char *path, struct place *p, struct found *found)
{
    *found = (struct found){.error = leads_to_a_mount(roots, path) ? EBUSY : ENOENT, .fd = -1};
    for (uint16_t i = 0; i < roots->count; i++) {
        const struct root *root = &roots->root[i];
        const char *below = path_below(path, root->mount);
        int fd = -1;
        if (below == NULL)
            continue;
        if (root->archive != NULL) {
            if (below[0] != '\0')
                continue;
        } else {
            int error = files_open_way(root->folder, below, &fd);
            if (files_absent(error))
                continue;
            if (error == 0)
                close(fd);
            else
                found->error = error;
        }
        *p = (struct place){.root = root, .path = path + (below - path), .folder = -1};
        found->root = i;
        if (fd >= 0 || root->archive != NULL)
            found->error = 0;
        else
            refuse(roots, p, below, 0, found);
        return found->error == 0;
    }
    return false;
}

void change_delete(const struct roots *roots, char *path, struct found *found)
{
    struct place p;

    if (!find(roots, path, &p, found))
        return;
    if (!root_writable(p.root))
        found->error = EROFS;
    else if (p.path[0] == '\0')
        found->error = EBUSY;
    if (found->error != 0 || !open_parent(roots, &p, found))
        return;
    found->error = remove_from(p.folder, p.name);
    close(p.folder);
    if (found->error != 0)
        refuse(roots, &p, p.parent, W_OK | X_OK, found);
}
