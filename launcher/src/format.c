/* SPDX-License-Identifier: Apache-2.0 */
/* The little of printf that messages need: %s, %.*s, %d, %u and %%. The libc's own is more code than the
 * launcher. */
#include "format.h"

#include <stdint.h>
#include <string.h>

struct sink {
    char *out;
    size_t room; /* without the NUL */
    size_t used;
};

static void add(struct sink *s, const char *octets, size_t length)
{
    if (length > s->room - s->used)
        length = s->room - s->used;
    memcpy(s->out + s->used, octets, length);
    s->used += length;
}

static void add_number(struct sink *s, unsigned long value)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    add(s, digits + at, sizeof digits - at);
}

static void add_signed(struct sink *s, int value)
{
    if (value < 0)
        add(s, "-", 1);
    add_number(s, value < 0 ? 0UL - (unsigned long)value : (unsigned long)value);
}

size_t format_list(char *out, size_t size, const char *format, va_list arguments)
{
    struct sink s = {.out = out, .room = size - 1};

    while (*format != '\0') {
        size_t plain = strcspn(format, "%");
        add(&s, format, plain);
        format += plain;
        if (*format == '\0')
            break;
        size_t most = SIZE_MAX;
        if (strncmp(++format, ".*", 2) == 0) {
            most = (size_t)va_arg(arguments, int);
            format += 2;
        }
        switch (*format++) {
        case 's': {
            const char *text = va_arg(arguments, const char *);
            add(&s, text, strnlen(text, most));
            break;
        }
        case 'd':
            add_signed(&s, va_arg(arguments, int));
            break;
        case 'u':
            add_number(&s, va_arg(arguments, unsigned));
            break;
        default:
            add(&s, "%", 1);
            break;
        }
    }
    out[s.used] = '\0';
    return s.used;
}

size_t format(char *out, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    size_t used = format_list(out, size, format, arguments);
    va_end(arguments);
    return used;
}
