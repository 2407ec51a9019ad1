/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter of programs: what no program that answers a request has any business with. */
#pragma once

/*
 * Installed once, before the first fork, like the allow-list of file helpers (filter.h): launcher,
 * supervisors and relays have it too, since a filter can only be added to. Returns 0 or a negative errno.
 */
int denylist_install(void);
