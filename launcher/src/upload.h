/* SPDX-License-Identifier: Apache-2.0 */
/* One upload: written aside, and put in its place whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Begins to write `name` in an open folder, which is the upload's from now on whatever becomes of it; where
 * it is `listable`, it was opened for reading. `mode` is one of UPLOAD_. Returns 0, a positive errno, or
 * UPLOAD_CONFLICT when the old file's label, owner, mode or ACL would change, or it has other names.
 */
enum { UPLOAD_CONFLICT = -1 };
int upload_begin(int folder, bool listable, const char *name, uint16_t mode);

/* What goes wrong is remembered until the end. */
void upload_write(const uint8_t *octets, size_t length);

/* Puts the file in its place. After every failure the old one is as it was, but where it was to be written in
 * place. Returns as upload_begin(). */
int upload_commit(void);

/* Forgets it, if there is one. */
void upload_abort(void);
