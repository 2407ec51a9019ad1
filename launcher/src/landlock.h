/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: after it, nothing outside the root can be opened, and nothing anywhere can be changed. */
#pragma once

enum {
    LANDLOCK_ABSENT = 1, /* this kernel has it not, or has it switched off: reported, not an error */
};

/* The version that the kernel offers, 0 if none, or a negative errno. To be asked once, before the
 * system-call filter. */
int landlock_version(void);

/* Confines this process to reading below `root`. Returns 0, LANDLOCK_ABSENT, or a negative errno. */
int landlock_confine(int version, int root);
