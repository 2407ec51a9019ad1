/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes what reads /etc/passwd and /etc/group: the first up to a NUL, the second behind it. */
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"shop", "web", "1500", "0", "root", ""};

    /* Of the exact size, so that the address sanitizer sees one octet too many. */
    char *octets = malloc(size + (size == 0));
    if (octets == NULL)
        return 0;
    if (size > 0)
        memcpy(octets, data, size);
    const char *nul = size == 0 ? NULL : memchr(octets, 0, size);
    size_t first = nul == NULL ? size : (size_t)(nul - octets);
    struct account_file passwd = {octets, first};
    struct account_file group = {octets + first, size - first};
    if (nul != NULL) {
        group.octets++;
        group.length--;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct account user = {.name = names[i]};
        struct group_account found = {.name = names[i]};
        if (accounts_find_user(&passwd, &group, 1, &user) == NULL) {
            if (user.uid == 0 || user.gid == 0 || user.group_count > ACCOUNT_GROUPS_MAX)
                abort();
            for (unsigned k = 0; k < user.group_count; k++)
                if (user.groups[k] == 0)
                    abort();
        }
        if (accounts_find_group(&group, &found) == NULL && found.gid == 0)
            abort();
    }
    free(octets);
    return 0;
}
