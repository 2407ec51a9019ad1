/* SPDX-License-Identifier: Apache-2.0 */
/* What is there, before it is opened: to open a FIFO lets its writer go on, and to open a device may do
 * anything.
 */
#pragma once

/*
 * Returns 0 when `path` names a regular file or a folder, ENOENT when it names something else, or another
 * positive errno that says why it cannot be told. Symbolic links on the way are the later open's to refuse:
 * with none, it finds what this found, unless this context changes the folder meanwhile.
 */
int kind_check(int root, const char *path);
