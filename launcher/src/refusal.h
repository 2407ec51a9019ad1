/* SPDX-License-Identifier: Apache-2.0 */
/* Who refused: Unix permissions, which the kernel asks first, or SELinux. For the log, not for a decision. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Goes the way to the path again after EACCES or EPERM; `wanted` (R_OK, W_OK, X_OK) is what was asked of its
 * end. Returns REFUSED_NOT for every other error. An ACL is not looked at, so one that grants or denies more
 * than owner, group and others have is taken for SELinux or for Unix permissions.
 */
uint16_t refusal_of(int error, bool selinux, int folder, const char *path, int wanted);
