/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that outlives the launcher's stack in a helper, and memory that no helper has. */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ARGUMENTS = 8192,
};

static char arguments[ARGUMENTS];

void *memory_alone(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    return madvise(memory, size, MADV_DONTFORK) < 0 ? NULL : memory;
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
