/* SPDX-License-Identifier: Apache-2.0 */
/* Whether something may be read or written to, without doing it: what LOCK and PROPFIND ask. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path.h"
#include "protocol.h"
#include "refusal.h"
#include "status.h"

enum { DEPTH_MAX = 64 }; /* folders one in the other */

struct trial {
    const struct roots *roots;
    struct found *found;
    bool read;
    bool write;
    int folder; /* that is being walked */
    int depth;
};

static int mask(const struct trial *t, bool folder)
{
    return (t->read ? R_OK : 0) | (t->write ? W_OK : 0) | (folder ? X_OK : 0);
}

/* Asks without opening. */
static int ask(const struct trial *t, int folder, const char *name, int wanted)
{
    if (syscall(SYS_faccessat2, folder, name, wanted, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    t->found->error = errno;
    t->found->refused = refusal_of(errno, t->roots->selinux, folder, name, wanted);
    return -1;
}

static int walk(struct trial *t, int folder);

static int visit(void *context, const char *name)
{
    struct trial *t = context;
    struct status s;
    int fd = -1;
    int folder = t->folder;

    if (path_name_reserved(name))
        return 0;
    int r = status_of(folder, name, AT_SYMLINK_NOFOLLOW, &s);
    if (r == -ENOENT || (r == 0 && !S_ISREG(s.mode) && !S_ISDIR(s.mode)))
        return 0;
    if (r < 0) {
        t->found->error = -r;
        t->found->refused = refusal_of(-r, t->roots->selinux, folder, name, R_OK);
        return -1;
    }
    if (ask(t, folder, name, mask(t, S_ISDIR(s.mode))) < 0)
        return t->found->error == ENOENT ? (t->found->error = 0) : -1;
    if (!S_ISDIR(s.mode))
        return 0;
    t->found->error = files_open_folder(folder, name, O_RDONLY, &fd);
    if (t->found->error != 0) {
        t->found->refused = refusal_of(t->found->error, t->roots->selinux, folder, name, R_OK);
        return -1;
    }
    r = walk(t, fd);
    t->folder = folder;
    return r;
}

/* Closes the folder. Each level has memory and a descriptor of its own, so there is an end to them. */
static int walk(struct trial *t, int folder)
{
    const int depth = t->depth;
    static struct files_memory memory[DEPTH_MAX];
    int r = -1;

    t->folder = folder;
    if (t->depth == DEPTH_MAX)
        t->found->error = EMFILE;
    else
        r = files_walk(folder, &memory[t->depth++], visit, t);
    t->depth = depth;
    close(folder);
    /* An error of the kernel's own, not one of ours. */
    if (r < 0 && t->found->error == 0)
        t->found->error = -r;
    return r;
}

/* Every child in one root. */
static int descend(struct trial *t, uint16_t index, const char *path)
{
    const struct root *root = &t->roots->root[index];
    int fd = -1;

    t->found->root = index;
    t->found->error = root->archive != NULL ? ENOTDIR : files_open_folder(root->folder, path, O_RDONLY, &fd);
    if (files_absent(t->found->error)) {
        t->found->error = 0;
        return 0;
    }
    if (t->found->error != 0)
        t->found->refused = refusal_of(t->found->error, t->roots->selinux, root->folder, path, R_OK);
    else if (t->write && !root_writable(root))
        t->found->error = EROFS;
    if (t->found->error == 0)
        return walk(t, fd);
    if (fd >= 0)
        close(fd);
    return -1;
}

static void try_children(struct trial *t, const char *path)
{
    size_t length;

    for (uint16_t i = 0; i < t->roots->count; i++) {
        const char *mount = t->roots->root[i].mount;
        const char *below = path_below(path, mount);
        if (below == NULL && path_towards(path, mount, &length) != NULL)
            below = "";
        if (below != NULL && descend(t, i, below) < 0)
            return;
    }
}

/* A file is really opened, so that a refusal leaves a record; a folder cannot be. */
static void try_write(struct trial *t, const char *path)
{
    const struct root *root = &t->roots->root[t->found->root];
    const char *below = path_below(path, root->mount);
    int fd = -1;

    if (!root_writable(root)) {
        t->found->error = EROFS;
        return;
    }
    bool folder = t->found->attributes.kind == KIND_DIRECTORY;
    t->found->error =
        folder ? files_open_way(root->folder, below, &fd) : files_open_to_write(root->folder, below, &fd);
    if (t->found->error != 0) {
        t->found->refused = refusal_of(t->found->error, t->roots->selinux, root->folder, below, W_OK);
        return;
    }
    if (folder)
        ask(t, fd, ".", W_OK | X_OK);
    close(fd);
}

void trial_run(const struct roots *roots, const char *path, uint16_t what, struct found *found)
{
    struct trial t = {.roots = roots,
                      .found = found,
                      .read = (what & ACCESS_READ) != 0,
                      .write = (what & ACCESS_WRITE) != 0};

    roots_stat(roots, path, found);
    if (found->error == 0 && t.write && found->attributes.kind == KIND_WAY)
        found->error = EROFS;
    else if (found->error == 0 && t.write)
        try_write(&t, path);
    uint16_t root = found->root;
    if (found->error == 0 && (what & ACCESS_DEEP) != 0 && found->attributes.kind != KIND_FILE)
        try_children(&t, path);
    if (found->error == 0)
        found->root = root;
}
