/* SPDX-License-Identifier: Apache-2.0 */
/* What CONFINE asks for, the one frame that is read before the confinement: pure functions over memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* 0 where the launcher's own limit holds. */
struct confine_limits {
    uint64_t memory;    /* octets of address space */
    uint32_t cpu_time;  /* seconds */
    uint64_t file_size; /* octets */
    uint16_t open_files;
    uint16_t processes;
};

struct confine_root {
    struct text mount; /* where in the application; empty is the whole of it */
    struct text folder;
    uint16_t flags;
};

/* Names and roots stay where they are in the frame, as octets that confine_parse() has looked through: nobody
 * pays for the room that sixty-four roots would take. */
struct confine_list {
    struct reader octets;
    uint16_t count;
};

/* All strings lie in the frame. */
struct confine {
    uint16_t way;
    uint32_t progress_timeout;
    uint32_t total_timeout;
    struct text context;
    struct text request_id;
    struct text user; /* empty: the launcher's own */
    struct text group;
    struct confine_list capabilities;
    struct confine_limits limits;
    struct confine_list roots; /* none: to confine itself is all that is asked of the helper */
};

/* Returns 0, or the reason for FAILED (FAILED_MALFORMED, FAILED_NOT_ALLOWED) with *why set for its message.
 */
int confine_parse(uint8_t *payload, size_t length, struct confine *out, const char **why);

/* Take the next one out of a list (of a copy of it, to begin again later); false behind the last. Once the
 * strings of a root were terminated, text_terminate(), its list can no longer be gone through from the start.
 */
bool confine_next_capability(struct confine_list *capabilities, struct text *name);
bool confine_next_root(struct confine_list *roots, struct confine_root *root);
