/* SPDX-License-Identifier: Apache-2.0 */
/* The capabilities that a helper can be given, by name. */
#include "capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What lets a process pass by the permissions of files. Nothing that could change who it is, whom it may
 * reach or what holds it. */
static const struct {
    const char *name;
    unsigned number;
} known[] = {
    {"CAP_CHOWN", CAP_CHOWN},
    {"CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE},
    {"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH},
    {"CAP_FOWNER", CAP_FOWNER},
    {"CAP_FSETID", CAP_FSETID},
};

uint64_t capability_of(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
            return UINT64_C(1) << known[i].number;
    return 0;
}

int capability_set(uint64_t capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    for (unsigned half = 0; half < 2; half++) {
        uint32_t bits = (uint32_t)(capabilities >> 32 * half);
        sets[half] = (struct __user_cap_data_struct){.effective = bits, .permitted = bits};
    }
    return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

int capability_get(uint64_t *permitted, uint64_t *all)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    if (syscall(SYS_capget, &header, sets) < 0)
        return -errno;
    *permitted = sets[0].permitted | (uint64_t)sets[1].permitted << 32;
    *all = *permitted | sets[0].effective | (uint64_t)sets[1].effective << 32 | sets[0].inheritable |
           (uint64_t)sets[1].inheritable << 32;
    return 0;
}
