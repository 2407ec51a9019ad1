/* SPDX-License-Identifier: Apache-2.0 */
/* The names of folders, as text: pure functions over memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The form in which one folder has one name, so that prefixes can be compared: absolute, no empty segment, no
 * `.`, no `..`, and no `/` at the end but of `/` itself. */
bool folder_is_plain(const char *folder, size_t length);

/* True when a plain folder is `root`, which is plain too, or one below it. */
bool folder_within(const char *folder, size_t length, const char *root);
