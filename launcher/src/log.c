/* SPDX-License-Identifier: Apache-2.0 */
/* One line on stderr, whose control characters are escaped: what a client sent cannot forge a second line. */
#include "log.h"

#include <stdarg.h>
#include <unistd.h>

#include "format.h"

size_t log_escape(char *out, size_t size, const char *octets, size_t length)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)octets[i];
        if (c >= 0x20 && c != 0x7f && c != '\\') {
            if (used + 1 >= size)
                break;
            out[used++] = (char)c;
        } else {
            if (used + 4 >= size)
                break;
            out[used++] = '\\';
            out[used++] = (char)('0' + (c >> 6));
            out[used++] = (char)('0' + (c >> 3 & 7));
            out[used++] = (char)('0' + (c & 7));
        }
    }
    if (size > 0)
        out[used] = '\0';
    return used;
}

void log_line(const char *format, ...)
{
    static const char prefix[] = "launcher: ";
    char message[1200];
    char line[sizeof prefix + 2048];
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_list(message, sizeof message, format, arguments);
    va_end(arguments);

    size_t used = sizeof prefix - 1;
    for (size_t i = 0; i < used; i++)
        line[i] = prefix[i];
    used += log_escape(line + used, sizeof line - used - 1, message, length);
    line[used++] = '\n';
    /* There is nowhere to report a log that cannot be written, and no reason to stop serving. */
    if (write(STDERR_FILENO, line, used) < 0)
        return;
}
