/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a confined helper's client until it goes away or asks for what is not allowed. */
#pragma once

#include <stdint.h>

/* `input` has room for a header and FRAME_MAX_REQUEST octets. */
_Noreturn void serve(int connection, int root, uint8_t *input);
