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
    {STATE_NEW, REQUEST_CONFINE, FRAME_MAX_CONFINE},   {STATE_SERVING, REQUEST_STAT, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_OPEN, FRAME_MAX_REQUEST},  {STATE_SERVING, REQUEST_READ, FRAME_MAX_REQUEST},
    {STATE_SERVING, REQUEST_CLOSE, FRAME_MAX_REQUEST}, {STATE_SERVING, REQUEST_LIST, FRAME_MAX_REQUEST},
    {STATE_READY, REQUEST_FIND, FRAME_MAX_FIND},       {STATE_READY, REQUEST_RUN, FRAME_MAX_RUN},
    {STATE_RUNNING, REQUEST_STDIN, STREAM_MAX},        {STATE_RUNNING, REQUEST_STDIN_END, 0},
};

bool state_allows(enum state state, const struct header *header)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (allowed[i].state == state && allowed[i].type == header->type)
            return header->zero && header->length <= allowed[i].max_payload;
    return false;
}
