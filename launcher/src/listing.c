/* SPDX-License-Identifier: Apache-2.0 */
/* What a folder holds in all roots together. */
#include "listing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "path.h"
#include "protocol.h"
#include "refusal.h"

/* The folder in one root. */
struct part {
    int fd;
    uint16_t root;
};

/* A name that leads to a mount. */
struct way {
    const char *name;
    size_t length;
    size_t path; /* octets of the path that ends with it */
};

struct listing {
    const struct roots *roots;
    const char *path;
    struct part parts[ROOTS_MAX];
    uint16_t part_count;
    uint16_t at; /* the part that is being walked */
    struct way ways[ROOTS_MAX];
    uint16_t way_count;
    listing_entry *entry;
    void *context;
    struct files_memory memory;
};

/* A name that this context may not know of, or that has gone meanwhile, is left out. Anything else that keeps
 * it from being looked at would make a list with a hole in it. */
static bool left_out(int error)
{
    return error == EACCES || error == EPERM || error == ENOENT || error == ELOOP;
}

/* ENOTDIR stands for a file, and for a path that goes through one, which another root may have. */
static int not_a_folder(const struct root *root, const char *path)
{
    struct attributes a;
    int fd = -1;

    if (root->archive != NULL)
        return path[0] == '\0' ? ENOTDIR : 0;
    int error = files_open(root->folder, path, &fd, &a);
    if (error == 0)
        close(fd);
    else if (files_absent(error))
        return 0;
    return error == 0 ? ENOTDIR : error;
}

static int open_part(struct listing *l, const struct root *root, const char *path, uint16_t index)
{
    int fd = -1;
    int error = root->archive != NULL ? ENOTDIR : files_open_folder(root->folder, path, O_RDONLY, &fd);

    if (error == 0)
        l->parts[l->part_count++] = (struct part){.fd = fd, .root = index};
    else if (error == ENOTDIR)
        /* Behind a folder of an earlier root it is hidden. */
        return l->part_count > 0 ? 0 : not_a_folder(root, path);
    return error == ENOENT ? 0 : error;
}

/* Opens the folder in every root that has it, before there is an entry: too few descriptors must not look
 * like a short list. */
static void open_parts(struct listing *l, struct found *found)
{
    for (uint16_t i = 0; i < l->roots->count; i++) {
        const struct root *root = &l->roots->root[i];
        const char *below = path_below(l->path, root->mount);
        if (below == NULL)
            continue;
        found->error = open_part(l, root, below, i);
        if (found->error != 0) {
            found->root = i;
            found->refused = refusal_of(found->error, l->roots->selinux, root->folder, below, R_OK);
            return;
        }
    }
    if (l->part_count > 0)
        found->root = l->parts[0].root;
    else if (l->way_count == 0)
        found->error = ENOENT;
}

static bool is_way(const struct listing *l, const char *name, size_t length)
{
    for (uint16_t i = 0; i < l->way_count; i++)
        if (l->ways[i].length == length && memcmp(l->ways[i].name, name, length) == 0)
            return true;
    return false;
}

static void find_ways(struct listing *l)
{
    for (uint16_t i = 0; i < l->roots->count; i++) {
        const char *mount = l->roots->root[i].mount;
        size_t length;
        const char *name = path_towards(l->path, mount, &length);
        if (name == NULL || is_way(l, name, length))
            continue;
        l->ways[l->way_count++] =
            (struct way){.name = name, .length = length, .path = (size_t)(name - mount) - 1 + length};
    }
}

/* What is on the way to a mount is looked up as a client would. */
static int show_ways(struct listing *l)
{
    char path[PATH_OCTETS_MAX + 1];
    struct found found;
    int r = 0;

    for (uint16_t i = 0; i < l->way_count && r == 0; i++) {
        const struct way *way = &l->ways[i];
        memcpy(path, way->name + way->length - way->path, way->path);
        path[way->path] = '\0';
        roots_stat(l->roots, path, &found);
        if (found.error == 0)
            r = l->entry(l->context, way->name, way->length, &found);
        else if (!left_out(found.error))
            r = -found.error;
    }
    return r;
}

/* Returns 0 when no earlier root has the name, 1 when one has it, or a negative errno. */
static int hidden(const struct listing *l, const char *name)
{
    struct attributes unused;

    for (uint16_t i = 0; i < l->at; i++) {
        int error = files_look(l->parts[i].fd, name, &unused);
        if (error == 0 || error == EACCES || error == EPERM)
            return 1;
        if (!left_out(error))
            return -error;
    }
    return 0;
}

static int show(void *context, const char *name)
{
    struct listing *l = context;
    const struct part *part = &l->parts[l->at];
    struct found found = {.root = part->root, .fd = -1};

    if (path_name_reserved(name) || is_way(l, name, strlen(name)))
        return 0;
    int r = hidden(l, name);
    if (r != 0)
        return r < 0 ? r : 0;
    int error = files_look(part->fd, name, &found.attributes);
    if (error != 0)
        return left_out(error) ? 0 : -error;
    return l->entry(l->context, name, strlen(name), &found);
}

int listing_walk(const struct roots *roots, const char *path, struct found *found, listing_entry *entry,
                 void *context)
{
    static struct listing l;
    int r = 0;

    l.roots = roots;
    l.path = path;
    l.entry = entry;
    l.context = context;
    l.part_count = l.way_count = 0;
    *found = (struct found){.fd = -1};
    find_ways(&l);
    open_parts(&l, found);
    if (found->error == 0)
        r = show_ways(&l);
    for (l.at = 0; found->error == 0 && r == 0 && l.at < l.part_count; l.at++)
        r = files_walk(l.parts[l.at].fd, &l.memory, show, &l);
    for (uint16_t i = 0; i < l.part_count; i++)
        close(l.parts[i].fd);
    return r;
}
