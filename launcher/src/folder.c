/* SPDX-License-Identifier: Apache-2.0 */
/* The names of folders, as text: pure functions over memory. */
#include "folder.h"

#include <string.h>

#include "protocol.h"

bool folder_is_plain(const char *folder, size_t length)
{
    if (length < 1 || length > PATH_OCTETS_MAX || folder[0] != '/')
        return false;
    if (length == 1)
        return true;
    for (size_t start = 1, end; start <= length; start = end + 1) {
        const char *slash = memchr(folder + start, '/', length - start);
        end = slash == NULL ? length : (size_t)(slash - folder);
        size_t width = end - start;
        if (width == 0 || (width == 1 && folder[start] == '.') ||
            (width == 2 && folder[start] == '.' && folder[start + 1] == '.'))
            return false;
    }
    return true;
}

bool folder_within(const char *folder, size_t length, const char *root)
{
    size_t width = strlen(root);

    if (width == 1)
        return true;
    return length >= width && memcmp(folder, root, width) == 0 && (length == width || folder[width] == '/');
}
