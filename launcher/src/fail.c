/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper fails before it serves: it says why, and is gone. */
#include "fail.h"

#include <stdarg.h>
#include <unistd.h>

#include "ends.h"
#include "format.h"
#include "frame.h"
#include "wire.h"

_Noreturn void fail(int connection, enum failed_reason reason, int error, const char *format, ...)
{
    uint8_t reply[FRAME_HEADER + 6 + 2400];
    char message[2400];
    struct writer w = {.start = reply, .size = sizeof reply};
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    frame_begin(&w, REPLY_FAILED);
    put_u16(&w, reason);
    put_u16(&w, (uint16_t)error);
    put_string(&w, message, length);
    size_t size = frame_end(&w);
    if (size > 0)
        wire_write(connection, reply, size, false);
    _exit(EXIT_FAILED);
}
