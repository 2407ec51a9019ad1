/* SPDX-License-Identifier: Apache-2.0 */
/* Who refused: Unix permissions, which the kernel asks first, or SELinux. For the log, not for a decision. */
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "protocol.h"
#include "status.h"

enum { GROUPS_MAX = 1024 };

/* 1 when this process is in the group, 0 when not, -1 when it cannot be told. */
static int in_group(gid_t wanted)
{
    static gid_t groups[GROUPS_MAX];

    if (getegid() == wanted)
        return 1;
    int n = getgroups(GROUPS_MAX, groups);
    for (int i = 0; i < n; i++)
        if (groups[i] == wanted)
            return 1;
    return n < 0 ? -1 : 0;
}

/* What is left to have refused, when owner, group and others' permissions were looked at. */
static uint16_t judge(const struct status *s, int wanted, bool selinux)
{
    uint32_t granted = s->mode;
    uint16_t other = selinux ? REFUSED_SELINUX : REFUSED_UNKNOWN;

    if (s->uid == geteuid()) {
        granted >>= 6;
    } else {
        int member = in_group(s->gid);
        if (member < 0)
            return REFUSED_UNKNOWN;
        if (member > 0)
            granted >>= 3;
    }
    return (granted & (uint32_t)wanted) == (uint32_t)wanted ? other : REFUSED_UNIX;
}

static uint16_t judge_descriptor(int fd, int wanted, bool selinux)
{
    struct status s;

    int r = status_of(fd, "", AT_EMPTY_PATH, &s);
    /* Unix permissions let everybody ask. */
    if (r == -EACCES)
        return selinux ? REFUSED_SELINUX : REFUSED_UNKNOWN;
    return r < 0 ? REFUSED_UNKNOWN : judge(&s, wanted, selinux);
}

uint16_t refusal_of(int error, bool selinux, int folder, const char *path, int wanted)
{
    char segment[NAME_MAX + 1];

    /* A file that is immutable, a folder where only owners may delete: SELinux never says EPERM. */
    if (error == EPERM)
        return REFUSED_UNIX;
    if (error != EACCES)
        return REFUSED_NOT;

    int at = -1;
    if (files_open_way(folder, "", &at) != 0)
        return judge_descriptor(folder, X_OK, selinux);
    while (*path != '\0') {
        int next = -1;
        size_t length = strcspn(path, "/");
        if (length > NAME_MAX)
            break;
        memcpy(segment, path, length);
        segment[length] = '\0';
        path += path[length] == '/' ? length + 1 : length;
        int r = files_open_way(at, segment, &next);
        if (r != 0) {
            uint16_t who = r == EACCES ? judge_descriptor(at, X_OK, selinux) : REFUSED_UNKNOWN;
            close(at);
            return who;
        }
        close(at);
        at = next;
    }
    uint16_t who = judge_descriptor(at, wanted, selinux);
    close(at);
    return who;
}
