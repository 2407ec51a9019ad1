/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that nobody sets. */
#pragma once

#include <stdint.h>

int64_t clock_ns(void);
int64_t clock_ms(void);
