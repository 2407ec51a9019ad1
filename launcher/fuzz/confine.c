/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the one frame that is read before the confinement. */
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "fuzz.h"
#include "protocol.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct confine c = {0};
    const char *why = NULL;

    /* Of the exact size, so that the address sanitizer sees one octet too many. */
    uint8_t *payload = malloc(size + (size == 0));
    if (payload == NULL)
        return 0;
    if (size > 0)
        memcpy(payload, data, size);
    int r = confine_parse(payload, size, &c, &why);
    if (r != 0 && (r < FAILED_MALFORMED || r > FAILED_NOT_ALLOWED || why == NULL))
        abort();
    if (r == 0) {
        if (c.context.length < 1 || c.context.length > CONTEXT_MAX || c.progress_timeout == 0)
            abort();
        const char *folder = text_terminate(&c.folder);
        if (folder[0] != '/' || strlen(folder) != c.folder.length)
            abort();
    }
    free(payload);
    return 0;
}
