/* SPDX-License-Identifier: Apache-2.0 */
/* The little of printf that messages need: %s, %.*s, %d, %u and %%. The libc's own is more code than the
 * launcher. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` octets, a NUL at the end always included; returns how many come before it. */
__attribute__((format(printf, 3, 0))) size_t format_list(char *out, size_t size, const char *format,
                                                         va_list arguments);
__attribute__((format(printf, 3, 4))) size_t format(char *out, size_t size, const char *format, ...);
