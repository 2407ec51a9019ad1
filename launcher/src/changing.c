/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that change something, or ask whether that would be allowed. */
#include "changing.h"

#include <errno.h>

#include "change.h"
#include "path.h"
#include "trial.h"
#include "upload.h"

static void send_done(struct session *s, const struct found *found)
{
    uint8_t octets[FRAME_HEADER + 3 * 2];
    struct writer w = session_begin(REPLY_DONE, octets, sizeof octets);

    session_put_outcome(&w, found);
    session_reply(s, &w, false);
}

/* The path, or NULL after it was answered that there can be none such. */
static char *take_path(struct session *s, struct text *text, int reserved)
{
    struct found found = {0};
    char *path = path_take(text, reserved, &found.error);

    if (path == NULL)
        send_done(s, &found);
    return path;
}

void changing_make_folder(struct session *s, struct reader *r)
{
    struct text text = session_only_string(s, r);
    struct found found;

    char *path = take_path(s, &text, EINVAL);
    if (path == NULL)
        return;
    change_make_folder(s->roots, path, &found);
    send_done(s, &found);
}

void changing_create(struct session *s, struct reader *r)
{
    struct text text = take_string(r);
    uint16_t mode = take_u16(r);
    struct found found;

    if (!reader_complete(r) || mode > UPLOAD_IN_PLACE)
        session_end(s);
    char *path = take_path(s, &text, EINVAL);
    if (path == NULL)
        return;
    change_create(s->roots, path, mode, &found);
    if (found.error == 0) {
        s->state = STATE_UPLOADING;
        s->upload_root = found.root;
    }
    send_done(s, &found);
}

void changing_content(struct session *s, const struct header *header)
{
    session_stream(s, header->length, upload_write);
}

void changing_commit(struct session *s)
{
    struct found found = {.root = s->upload_root};

    s->state = STATE_SERVING;
    change_outcome(upload_commit(), &found);
    send_done(s, &found);
}

void changing_abort(struct session *s)
{
    s->state = STATE_SERVING;
    upload_abort();
}

void changing_delete(struct session *s, struct reader *r)
{
    struct text text = session_only_string(s, r);
    struct found found;

    char *path = take_path(s, &text, ENOENT);
    if (path == NULL)
        return;
    change_delete(s->roots, path, &found);
    send_done(s, &found);
}

void changing_access(struct session *s, struct reader *r)
{
    struct text text = take_string(r);
    uint16_t what = take_u16(r);
    struct found found;

    if (!reader_complete(r) || (what & ~(ACCESS_READ | ACCESS_WRITE | ACCESS_DEEP)) != 0)
        session_end(s);
    const char *path = take_path(s, &text, ENOENT);
    if (path == NULL)
        return;
    trial_run(s->roots, path, what, &found);
    send_done(s, &found);
}
