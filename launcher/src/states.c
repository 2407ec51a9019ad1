/* SPDX-License-Identifier: Apache-2.0 */
/* Which request is allowed in which state: the table that is the helper's policy. */
#include "states.h"

#include <stddef.h>

#include "protocol.h"

/* What is not listed here ends the helper. */
static const struct {
    enum state state;
    uint16_t type;
    uint32_t max_payload;
} allowed[] = {
    {STATE_NEW, REQUEST_CONFINE, FRAME_MAX_CONFINE},
    {STATE_SERVING, REQUEST_STAT, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_OPEN, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_READ, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_CLOSE, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_LIST, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_MKDIR, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_CREATE, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_DELETE, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_ACCESS, FRAME_MAX_REQUEST},
    /* What is uploaded may come from a file that is read meanwhile. */
    {STATE_UPLOADING, REQUEST_STAT, FRAME_MAX_REQUEST},
    {STATE_UPLOADING, REQUEST_OPEN, FRAME_MAX_REQUEST},
    {STATE_UPLOADING, REQUEST_READ, FRAME_MAX_REQUEST},
    {STATE_UPLOADING, REQUEST_CLOSE, FRAME_MAX_REQUEST},
    {STATE_UPLOADING, REQUEST_LIST, FRAME_MAX_REQUEST},
    {STATE_UPLOADING, REQUEST_CONTENT, CONTENT_MAX},
    {STATE_UPLOADING, REQUEST_COMMIT, 0},
    {STATE_UPLOADING, REQUEST_ABORT, 0},
    {STATE_READY, REQUEST_FIND, FRAME_MAX_FIND},
    {STATE_READY, REQUEST_RUN, FRAME_MAX_RUN},
    {STATE_MISSED, REQUEST_FIND, FRAME_MAX_FIND},
    {STATE_MISSED, REQUEST_RUN, FRAME_MAX_RUN},
    {STATE_MISSED, REQUEST_STDIN, STREAM_MAX},
    {STATE_MISSED, REQUEST_STDIN_END, 0},
    {STATE_RUNNING, REQUEST_STDIN, STREAM_MAX},
    {STATE_RUNNING, REQUEST_STDIN_END, 0},
};

bool state_allows(enum state state, const struct header *header)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (allowed[i].state == state && allowed[i].type == header->type)
            return header->zero && header->length <= allowed[i].max_payload;
    return false;
}
