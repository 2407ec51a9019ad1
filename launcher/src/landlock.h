/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: after it, nothing outside the roots can be opened, and nothing changed but below those to write
 * to. */
#pragma once

struct roots;

enum {
    LANDLOCK_ABSENT = 1, /* this kernel has it not, or has it switched off: reported, not an error */
};

/* The version that the kernel offers, 0 if none, or a negative errno. To be asked once, before the
 * system-call filter. */
int landlock_version(void);

/* Confines this process to its roots. Returns 0, LANDLOCK_ABSENT, or a negative errno. */
int landlock_confine(int version, const struct roots *roots);
