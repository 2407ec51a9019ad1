/* SPDX-License-Identifier: Apache-2.0 */
/* Starts another program, Tomcat, in a context of the administrator's choice. */
#pragma once

#include <stdbool.h>

/* True when that is what the command line asks for: --server-context DOMAIN[:RANGE] -- COMMAND [ARGUMENT]...
 */
bool server_asked(int argc, char *const *argv);

/* Becomes the command, which it does not if anything is amiss: then it returns the exit status, having logged
 * why. */
int server_start(int argc, char *const *argv);
