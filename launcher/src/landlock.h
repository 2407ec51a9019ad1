/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: after it, nothing outside the roots can be opened, and nothing changed but below those to write
 * to. */
#pragma once

struct roots;

/* The version that the kernel offers, 0 if it has none or has it switched off, or a negative errno. To be
 * asked once, before the system-call filter. */
int landlock_version(void);

/* Makes the rules of this version, as yet without roots: a descriptor, or a negative errno. They do nothing
 * by themselves, so they can be made before anybody asks for roots. */
int landlock_rules(int version);

/* Confines this process to its roots by rules that it made, and closes these. Returns 0 or a negative errno.
 */
int landlock_confine(int version, int rules, const struct roots *roots);
