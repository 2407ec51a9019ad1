/* SPDX-License-Identifier: Apache-2.0 */
/* A confined helper that finds a program, runs it, and carries what it says. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cgroup.h"

/*
 * `folder` is the root's own path, `context` this process's. The queue has `queued` octets that go out with
 * the first answer. After `deadline` milliseconds, 0 for none, or `silence` in which no octet went either
 * way, the program is killed. `events` are for cgroup_refused() and cgroup_out_of_memory(). Ends by _exit():
 * whatever still runs then is the supervisor's to kill.
 */
struct relay_setting {
    int connection;
    int root;
    const char *folder;
    const char *context;
    unsigned deadline;
    unsigned silence;
    struct cgroup_events events;
};

_Noreturn void relay_serve(const struct relay_setting *setting, const uint8_t *queue, size_t queued);
