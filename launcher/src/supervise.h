/* SPDX-License-Identifier: Apache-2.0 */
/* Between launcher and program: a process in the launcher's domain that holds the deadline and leaves nothing
 * behind. */
#pragma once

#include "frame.h"
#include "helper.h"

/*
 * Forks the relay and returns in it instead. This process stays behind:
 * when the relay ends, the connection breaks, `deadline` milliseconds (0: none) have passed or the launcher
 * is gone, it kills everything that descends from it, and ends.
 */
void supervise(const struct setting *setting, int connection, unsigned deadline);
