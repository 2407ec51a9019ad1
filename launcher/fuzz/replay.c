/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target on the files of a corpus, where no fuzzer is installed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(const char *folder, const char *name)
{
    static uint8_t octets[1 << 20];
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return -1;
    size_t size = fread(octets, 1, sizeof octets, f);
    fclose(f);
    /* On the heap and of the exact size, as a fuzzer would. */
    uint8_t *exact = malloc(size + (size == 0));
    if (exact == NULL)
        return -1;
    for (size_t i = 0; i < size; i++)
        exact[i] = octets[i];
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    char folder[4096];
    int count = 0;

    /* The target may change its working folder. */
    if (argc != 2 || realpath(argv[1], folder) == NULL)
        return 64;
    LLVMFuzzerInitialize(&argc, &argv);
    DIR *d = opendir(folder);
    if (d == NULL)
        return 66;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        if (replay(folder, e->d_name) < 0)
            return 66;
        count++;
    }
    closedir(d);
    printf("[       OK ] %d_inputs\n", count);
    return count == 0 ? 65 : 0;
}
