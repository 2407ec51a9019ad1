/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes what looks at text from outside: contexts, and what goes into the log. */
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "format.h"
#include "fuzz.h"
#include "log.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t room = 1U + data[0];
    size_t length = size - 1;
    char *text = malloc(length + (length == 0));
    char *out = malloc(room);
    if (text == NULL || out == NULL)
        abort();
    if (length > 0)
        memcpy(text, data + 1, length);

    size_t used = log_escape(out, room, text, length);
    if (used >= room || out[used] != '\0')
        abort();
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
            abort();
    if (format(out, room, "a %.*s b", (int)length, text) >= room)
        abort();
    if (context_type_is(text, length, "tomcat_t") && memmem(text, length, ":tomcat_t", 9) == NULL)
        abort();
    free(text);
    free(out);
    return 0;
}
