/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: after it, nothing outside the roots can be opened, and nothing changed but below those to write
 * to. */
#include "landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protocol.h"
#include "roots.h"

/* The kernel's interface as of version 6. Written out, since the headers to build with may be older than the
 * kernel to run on. */
struct ruleset_attributes {
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

enum {
    RULE_PATH_BENEATH = 1,
    CREATE_RULESET_VERSION = 1,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIRECTORY = 1 << 3,
    REMOVE_DIRECTORY = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_DIRECTORY = 1 << 7,
    MAKE_FILE = 1 << 8,
    ALL_V1 = (1 << 13) - 1,
    REFER = 1 << 13,        /* version 2 */
    TRUNCATE = 1 << 14,     /* version 3 */
    BIND_CONNECT = 3,       /* version 4 */
    IOCTL_DEVICE = 1 << 15, /* version 5 */
    SCOPE_ALL = 3,          /* version 6: abstract Unix sockets, signals */
};

int landlock_version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    if (v >= 0)
        return (int)v;
    return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
}

/* In a folder that is written to: files and folders, not links, devices or sockets. */
static uint64_t rights_of(const struct root *root, uint64_t handled)
{
    static const uint64_t changing =
        WRITE_FILE | REMOVE_DIRECTORY | REMOVE_FILE | MAKE_DIRECTORY | MAKE_FILE | TRUNCATE;

    if (root->archive != NULL)
        return READ_FILE;
    if ((root->flags & PROTOCOL_ROOT_READ_ONLY) != 0)
        return READ_FILE | READ_DIRECTORY;
    return READ_FILE | READ_DIRECTORY | (changing & handled);
}

static int add_root(int ruleset, const struct root *root, uint64_t handled)
{
    struct path_beneath beneath = {
        .allowed = rights_of(root, handled),
        .parent = root->archive != NULL ? root->file : root->folder,
    };

    return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &beneath, 0) < 0 ? -errno : 0;
}

static uint64_t handled_fs(int version)
{
    uint64_t handled = ALL_V1;

    if (version >= 2)
        handled |= REFER;
    if (version >= 3)
        handled |= TRUNCATE;
    if (version >= 5)
        handled |= IOCTL_DEVICE;
    return handled;
}

int landlock_rules(int version)
{
    struct ruleset_attributes rules = {.handled_fs = handled_fs(version)};
    size_t size = sizeof rules.handled_fs;

    if (version >= 4) {
        rules.handled_net = BIND_CONNECT;
        size += sizeof rules.handled_net;
    }
    if (version >= 6) {
        rules.scoped = SCOPE_ALL;
        size += sizeof rules.scoped;
    }
    long fd = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    return fd < 0 ? -errno : (int)fd;
}

int landlock_confine(int version, int rules, const struct roots *roots)
{
    int r = 0;

    for (uint16_t i = 0; r == 0 && i < roots->count; i++)
        r = add_root(rules, &roots->root[i], handled_fs(version));
    if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        r = -errno;
    close(rules);
    return r;
}
