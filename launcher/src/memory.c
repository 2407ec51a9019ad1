/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that outlives the launcher's stack in a helper, and memory that no helper has. */
#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ARGUMENTS = 8192,
    GUARD = 65536, /* used by nobody, so that what lies before it is out of reach as well */
    ALONE = 262144,
    BEHIND = 196608,
    PAGE = 65536, /* the largest that a kernel may have */
};

static char arguments[ARGUMENTS];

/* From the front come the pieces that are the launcher's alone, at the end is what children have. */
static uint8_t *region(void)
{
    static uint8_t *memory;

    if (memory != NULL)
        return memory;
    void *new =
        mmap(NULL, ALONE + GUARD + BEHIND, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (new == MAP_FAILED || madvise(new, ALONE + GUARD, MADV_DONTFORK) < 0)
        return NULL;
    return memory = new;
}

void *memory_alone(size_t size)
{
    static size_t used;
    uint8_t *memory = region();

    if (memory == NULL || size > ALONE - used)
        return NULL;
    void *piece = memory + used;
    used += (size + PAGE - 1) / PAGE * PAGE;
    return piece;
}

void *memory_behind(size_t size)
{
    uint8_t *memory = region();

    return memory == NULL || size > BEHIND ? NULL : memory + ALONE + GUARD;
}

void *memory_common(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

int memory_keep(void *memory, size_t size)
{
    return madvise(memory, size, MADV_DONTFORK) < 0 ? -errno : 0;
}

bool memory_arguments(int argc, char **argv)
{
    size_t used = 0;

    for (int i = 0; i < argc; i++) {
        size_t size = strlen(argv[i]) + 1;
        if (size > sizeof arguments - used)
            return false;
        argv[i] = memcpy(arguments + used, argv[i], size);
        used += size;
    }
    return true;
}
