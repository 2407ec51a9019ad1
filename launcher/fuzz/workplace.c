/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that a fuzz target works in. */
#include "workplace.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/launcher-fuzz.XXXXXX";

static int remove_inner(const char *path, const struct stat *st, int type, struct FTW *f)
{
    (void)st;
    (void)type;
    return f->level == 0 ? 0 : remove(path);
}

void workplace_empty(const char *path)
{
    nftw(path, remove_inner, 8, FTW_DEPTH | FTW_PHYS);
}

static void leave(void)
{
    workplace_empty(folder);
    rmdir(folder);
}

const char *workplace(const char *commands)
{
    if (mkdtemp(folder) == NULL || atexit(leave) != 0 || chdir(folder) < 0 || system(commands) != 0)
        abort();
    return folder;
}
