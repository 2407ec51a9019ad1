/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that change something, or ask whether that would be allowed. */
#pragma once

#include "frame.h"
#include "session.h"

void changing_make_folder(struct session *s, struct reader *r);
void changing_create(struct session *s, struct reader *r);
/* The payload is still to come, as a whole or in part. */
void changing_content(struct session *s, const struct header *header);
void changing_commit(struct session *s);
void changing_abort(struct session *s);
void changing_delete(struct session *s, struct reader *r);
void changing_access(struct session *s, struct reader *r);
