/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, limits and the like: given up once by the launcher, so that every helper is born without
 * them. */
#pragma once

/* Gives up every capability, in every set, and sets the limits that helpers inherit. Returns 0 or a negative
 * errno. */
int privileges_drop(unsigned open_files);

/* Gives up what exec could give, for ever. Returns 0 or a negative errno. */
int privileges_no_new(void);

/* Gives up every capability of this process; it is no error if there is none. Returns 0 or a negative errno.
 */
int privileges_no_capabilities(void);
