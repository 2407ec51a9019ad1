/* SPDX-License-Identifier: Apache-2.0 */
/* Which request is allowed in which state: the table that is the helper's policy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

enum state {
    STATE_NEW,       /* confined to nothing yet */
    STATE_SERVING,   /* confined; whatever is read now comes from a client */
    STATE_UPLOADING, /* the same, with one upload that is not finished */
    STATE_READY,     /* confined, to run one program */
    STATE_MISSED,    /* a program that was asked for in advance is another: what is for it is dropped */
    STATE_RUNNING,   /* it has been started */
};

/* True when this frame may be read on: known type, allowed in this state, not longer than its kind may be. */
bool state_allows(enum state state, const struct header *header);
