/* SPDX-License-Identifier: Apache-2.0 */
/* What is there, before it is opened: to open a FIFO lets its writer go on, and to open a device may do
 * anything.
 */
#include "kind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "status.h"

int kind_check(int root, const char *path)
{
    struct status s;

    int r = status_of(root, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &s);
    if (r < 0)
        return -r;
    return S_ISREG(s.mode) || S_ISDIR(s.mode) ? 0 : ENOENT;
}
