/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper comes into being: with a stack of its own, and without what it has no use for. */
#pragma once

struct setting;

/*
 * Makes the helpers' stack, and keeps from them this process's own, with its environment, and the kernel's
 * pages for programs, without which the libc cannot tell the time. Which pages these are is read below
 * `proc`. Returns 0 or a negative errno.
 */
int birth_prepare(int proc);

/* Forks: the child runs `helper`, which does not return, on its own stack. Returns its process id or a
 * negative errno. */
long birth(void (*helper)(const struct setting *), const struct setting *setting);
