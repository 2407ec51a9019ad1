/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a confined helper's client until it goes away or asks for what is not allowed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "protocol.h"
#include "roots.h"

enum {
    SERVE_MEMORY = FRAME_HEADER + FRAME_MAX_CONFINE,
};

/* `memory` has SERVE_MEMORY octets, of which the first `queued` are a reply that is still to be sent. */
_Noreturn void serve(int connection, const struct roots *roots, uint8_t *memory, size_t queued);
