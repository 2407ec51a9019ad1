/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter of programs: what no program that answers a request has any business with. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Installed once, before the first fork, like the allow-list of file helpers (filter.h): launcher,
 * supervisors and relays have it too, since a filter can only be added to. Returns 0 or a negative errno.
 */
int denylist_install(void);

/* clone3(), which nobody else may call; the child that it makes cannot. Returns what the kernel returned: a
 * negative errno on failure. */
long denylist_clone3(const void *arguments, size_t size);

/* From now on this process cannot, either. */
void denylist_forget(void);
