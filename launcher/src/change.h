/* SPDX-License-Identifier: Apache-2.0 */
/* Changes below the roots that may be written to, and whether they would be allowed. */
#pragma once

#include <stdint.h>

#include "roots.h"

/* Each sets found->error, ->refused and ->root; `path` is one of path_take(), and is changed. */

/* Makes a folder in the first root to write to that has its parent's mount. */
void change_make_folder(const struct roots *roots, char *path, struct found *found);

/* Removes a file or an empty folder from the root that a client sees it in. */
void change_delete(const struct roots *roots, char *path, struct found *found);

/* Begins an upload; upload.h has the rest. */
void change_create(const struct roots *roots, char *path, uint16_t mode, struct found *found);

/* Takes over what upload.h answers. */
void change_outcome(int r, struct found *found);
