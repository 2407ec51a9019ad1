/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that read. */
#pragma once

#include "frame.h"
#include "session.h"

void reading_stat(struct session *s, struct reader *r);
void reading_open(struct session *s, struct reader *r);
void reading_read(struct session *s, struct reader *r);
void reading_close(struct session *s, struct reader *r);
void reading_list(struct session *s, struct reader *r);
