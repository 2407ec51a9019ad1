/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the one frame that is read before the confinement. */
#include <stdlib.h>
#include <string.h>

#include "confine.h"
#include "fuzz.h"
#include "protocol.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* What was found good is whole, and its strings can be handed to the kernel. */
static void look_at_lists(struct confine *c)
{
    struct text name;
    struct confine_root root;
    unsigned left = c->capabilities.count;

    while (confine_next_capability(&c->capabilities, &name))
        left--;
    if (left != 0 || c->roots.count > ROOTS_MAX)
        abort();
    left = c->roots.count;
    while (confine_next_root(&c->roots, &root)) {
        const char *folder = text_terminate(&root.folder);
        const char *mount = text_terminate(&root.mount);
        if (folder[0] != '/' || strlen(folder) != root.folder.length || strlen(mount) != root.mount.length)
            abort();
        left--;
    }
    if (left != 0)
        abort();
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
        look_at_lists(&c);
    }
    free(payload);
    return 0;
}
