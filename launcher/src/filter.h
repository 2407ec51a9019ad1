/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter: one allow-list for launcher and helpers, installed once, inherited by every fork.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Installing a filter costs more than the fork that it would follow (docs/launcher.md has the figures), so
 * the launcher installs it before the first fork, and what only the launcher may call (fork, wait, poll,
 * read, unlink) passes when its sixth argument, which these calls do not have, is a secret number. The number
 * is on a page that no child has: who looks for it there dies of that.
 *
 * With `switching`, a helper may be another user than its launcher: what makes it so passes with a second
 * secret, which is in every helper until it forgets it.
 *
 * What changes files passes with a third, which is put into *changes. A helper that is to read only sets it
 * to 0 before it reads a request; so it must lie where every helper writes to anyway, and wiping it costs
 * nothing.
 */
int filter_install(bool switching, uint64_t *changes);

/* True when the filter is in force in this process. */
int filter_in_force(void);

/* A system call that helpers may not make. Returns what the kernel returned: a negative errno on failure. */
long filter_launcher_call(long number, long a, long b, long c, long d, long e);

/* Where that number is, for whoever makes such a call in a way of its own. */
const uint64_t *filter_token(void);

/* A system call that another filter lets through for a secret of its own. */
long filter_secret_call(const uint64_t *secret, long number, long a, long b);

/* A system call that makes a helper another user. Returns what the kernel returned. */
long filter_identity_call(long number, long a, long b, long c);

/* Wipes the secret that such calls carry, in this process, for good. */
void filter_forget_identity(void);

/* A system call that only a helper may make that has a root to write to. Returns what the kernel returned. */
long filter_change_call(long number, long a, long b, long c, long d, long e);
