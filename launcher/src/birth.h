/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper comes into being: with a stack of its own, and without what it has no use for. */
#pragma once

#include <stddef.h>

struct setting;

/*
 * Makes the stack of the helpers that birth() makes, and returns so many octets, or NULL. A helper touches
 * little of either, and that little is on one page.
 */
void *birth_memory(size_t size);

/*
 * Keeps this process's own stack from them, with its environment, and gives up the kernel's pages for
 * programs, without which the libc cannot tell the time. Which pages these are is read below `proc`. Returns
 * 0 or a negative errno.
 */
int birth_hide(int proc);

/* Forks: the child runs `helper`, which does not return, on its own stack. Returns its process id or a
 * negative errno. */
long birth(void (*helper)(const struct setting *), const struct setting *setting);
