/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a confined helper's client until it goes away or asks for what is not allowed. */
#include "serve.h"

#include <string.h>

#include "changing.h"
#include "reading.h"
#include "session.h"
#include "states.h"

_Static_assert(SERVE_MEMORY >= SESSION_QUEUE + SESSION_INPUT, "queue and input");

static void answer(struct session *s, const struct header *header, uint8_t *payload)
{
    struct reader r = {.at = payload, .left = header->length};

    switch (header->type) {
    case REQUEST_STAT:
        reading_stat(s, &r);
        break;
    case REQUEST_OPEN:
        reading_open(s, &r);
        break;
    case REQUEST_READ:
        reading_read(s, &r);
        break;
    case REQUEST_CLOSE:
        reading_close(s, &r);
        break;
    case REQUEST_LIST:
        reading_list(s, &r);
        break;
    case REQUEST_MKDIR:
        changing_make_folder(s, &r);
        break;
    case REQUEST_CREATE:
        changing_create(s, &r);
        break;
    case REQUEST_COMMIT:
        changing_commit(s);
        break;
    case REQUEST_ABORT:
        changing_abort(s);
        break;
    case REQUEST_DELETE:
        changing_delete(s, &r);
        break;
    case REQUEST_ACCESS:
        changing_access(s, &r);
        break;
    default:
        session_end(s);
    }
}

void serve(int connection, const struct roots *roots, uint8_t *memory, size_t queued)
{
    struct session s = {.connection = connection,
                        .roots = roots,
                        .state = STATE_SERVING,
                        .queue = memory,
                        .queued = queued,
                        .input = memory + SESSION_QUEUE};

    for (;;) {
        session_fill(&s, FRAME_HEADER);
        struct header header = header_parse(s.input);
        if (!state_allows(s.state, &header))
            session_end(&s);
        if (header.type == REQUEST_CONTENT) {
            changing_content(&s, &header);
            continue;
        }
        s.done = FRAME_HEADER + header.length;
        session_fill(&s, s.done);
        answer(&s, &header, s.input + FRAME_HEADER);
        s.used -= s.done;
        memmove(s.input, s.input + s.done, s.used);
    }
}
