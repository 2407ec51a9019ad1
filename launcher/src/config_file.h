/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the launcher's own file, and those of the machine's users and groups: only what is root's alone. */
#pragma once

#include "config.h"

/* Reads the file into memory that can only be read afterwards. Returns 0, or -1 after having logged all that
 * is wrong. */
int config_load(const char *path, const struct config **config);

/* Finds every user and group that the lines name. True when nothing was reported. */
bool config_resolve(struct config *c, const struct account_file *passwd, const struct account_file *group,
                    config_report *report, void *context);
