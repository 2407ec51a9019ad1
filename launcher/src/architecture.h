/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that system-call filters are written for. */
#pragma once

#include <linux/audit.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add this machine's AUDIT_ARCH_ constant, and look through the lists of calls"
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the low half of an argument is taken to come first");
