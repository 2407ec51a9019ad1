/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper fails before it serves: it says why, and is gone. */
#pragma once

#include "protocol.h"

/* Tells why, and ends: no caller has to remember that an unconfined helper must not go on. */
__attribute__((format(printf, 4, 5))) _Noreturn void fail(int connection, enum failed_reason reason,
                                                          int error, const char *format, ...);
