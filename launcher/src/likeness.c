/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a new file may stand in an old one's place: label, owner, group, mode and ACL. */
#include "likeness.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "status.h"

enum { VALUE_MAX = 4096 };

#define LABEL "security.selinux"
#define ACL   "system.posix_acl_access"

/* An attribute of a file; a length of 0 where there is none. Returns 0 or a negative errno. */
static int get(int fd, const char *name, char value[static VALUE_MAX], size_t *length)
{
    long n = filter_change_call(SYS_fgetxattr, fd, (long)name, (long)value, VALUE_MAX, 0);

    *length = n > 0 ? (size_t)n : 0;
    return n >= 0 || n == -ENODATA || n == -EOPNOTSUPP ? 0 : (int)n;
}

static bool same(int new, int old, const char *name)
{
    char values[2][VALUE_MAX];
    size_t lengths[2];

    return get(new, name, values[0], &lengths[0]) == 0 && get(old, name, values[1], &lengths[1]) == 0 &&
           lengths[0] == lengths[1] && memcmp(values[0], values[1], lengths[0]) == 0;
}

void likeness_make(int new, int old)
{
    char acl[VALUE_MAX];
    size_t length = 0;
    struct status is;
    struct status was;

    if (status_of(new, "", AT_EMPTY_PATH, &is) < 0 || status_of(old, "", AT_EMPTY_PATH, &was) < 0)
        return;
    if (is.gid != was.gid)
        filter_change_call(SYS_fchown, new, -1, was.gid, 0, 0);
    if (get(old, ACL, acl, &length) == 0 && length > 0)
        filter_change_call(SYS_fsetxattr, new, (long)ACL, (long)acl, (long)length, 0);
    if (is.mode != was.mode)
        filter_change_call(SYS_fchmod, new, was.mode & 0777, 0, 0, 0);
}

bool likeness_holds(int new, int old)
{
    struct status is;
    struct status was;

    if (status_of(new, "", AT_EMPTY_PATH, &is) < 0 || status_of(old, "", AT_EMPTY_PATH, &was) < 0)
        return false;
    return is.uid == was.uid && is.gid == was.gid && is.mode == was.mode && same(new, old, LABEL) &&
           same(new, old, ACL);
}
