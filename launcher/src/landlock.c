/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: after it, nothing outside the root can be opened, and nothing anywhere can be changed. */
#include "landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    READ_FILE = 1 << 2,
    READ_DIRECTORY = 1 << 3,
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

int landlock_confine(int version, int root)
{
    if (version < 1)
        return LANDLOCK_ABSENT;

    struct ruleset_attributes rules = {.handled_fs = ALL_V1};
    size_t size = sizeof rules.handled_fs;
    if (version >= 2)
        rules.handled_fs |= REFER;
    if (version >= 3)
        rules.handled_fs |= TRUNCATE;
    if (version >= 4) {
        rules.handled_net = BIND_CONNECT;
        size += sizeof rules.handled_net;
    }
    if (version >= 5)
        rules.handled_fs |= IOCTL_DEVICE;
    if (version >= 6) {
        rules.scoped = SCOPE_ALL;
        size += sizeof rules.scoped;
    }

    long ruleset = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0)
        return -errno;
    struct path_beneath beneath = {.allowed = READ_FILE | READ_DIRECTORY, .parent = root};
    int r = 0;
    if (syscall(SYS_landlock_add_rule, (int)ruleset, RULE_PATH_BENEATH, &beneath, 0) < 0 ||
        syscall(SYS_landlock_restrict_self, (int)ruleset, 0) < 0)
        r = -errno;
    close((int)ruleset);
    return r;
}
