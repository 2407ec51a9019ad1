/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the roots that CONFINE asks for. */
#pragma once

#include "confine.h"
#include "roots.h"

/*
 * Opens them in their order; `only` is the room for one that is a folder and mounted nowhere, so that this
 * costs no other memory. Returns 0, or a positive errno with *failed the one that could not be opened, its
 * folder terminated. The roots live as long as the process and `only`; the frame is not needed any more.
 */
int mount_roots(struct confine_list asked, struct root *only, struct roots *roots,
                struct confine_root *failed);
