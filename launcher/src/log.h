/* SPDX-License-Identifier: Apache-2.0 */
/* One line on stderr, whose control characters are escaped: what a client sent cannot forge a second line. */
#pragma once

#include <stddef.h>

__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/* Escapes control characters and backslashes as \ooo; returns the octets written, the NUL not counted. */
size_t log_escape(char *out, size_t size, const char *octets, size_t length);
