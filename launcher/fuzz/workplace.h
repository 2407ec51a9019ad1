/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that a fuzz target works in. */
#pragma once

/* Makes one, goes there and fills it by a shell's commands. It is removed when the process ends. Returns its
 * path; aborts when that does not work. */
const char *workplace(const char *commands);

/* Removes everything in a folder, but not the folder. */
void workplace_empty(const char *path);
