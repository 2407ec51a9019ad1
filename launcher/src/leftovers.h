/* SPDX-License-Identifier: Apache-2.0 */
/* Unfinished uploads: files that only their own helper may use, and that the next one removes when it died.
 */
#pragma once

#include <stdbool.h>

#include "path.h"

enum { LEFTOVER_NAME = sizeof PATH_RESERVED + 48 };

/* Makes a file of its own in an open folder, and locks it for as long as this process lives. Returns 0 or a
 * positive errno. */
int leftovers_make(int folder, char name[static LEFTOVER_NAME], int *fd);

/* Locks an open file, which no helper removes then for as long as this process has it open. Returns 0 or a
 * positive errno. */
int leftovers_lock(int fd);

/* Removes what dead helpers left in a folder that was opened for reading and not read yet, as far as this
 * context may. */
void leftovers_sweep(int folder);
