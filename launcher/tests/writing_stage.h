/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of changes ask of a helper, and look at in its root. */
#pragma once

#include <stdint.h>

#include "client.h"
#include "stage.h"

/* Until the next call. */
const char *path_of(const struct stage *s, const char *name);
/* What the file holds, or NULL; until the next call. */
const char *content_of(const struct stage *s, const char *name);
/* How many names begin so. */
unsigned names_in(const struct stage *s, const char *folder, const char *prefix);
/* Unfinished uploads: how many there are, and the name of one. */
unsigned leftovers(const struct stage *s);
const char *leftover(const struct stage *s);
/* Connections of helpers that may write to the root. `file_size` is a limit, or 0. */
int writing_with(const struct stage *s, struct confined *c, uint64_t file_size);
int writing(const struct stage *s);
/* The answers to what was asked; an errno, or all of it. */
struct found done(int fd);
int ask(int fd, uint16_t type, const char *path);
struct found create(int fd, const char *path, uint16_t mode);
struct found commit(int fd);
struct found put(int fd, const char *path, uint16_t mode, const char *octets);
int access_to(int fd, const char *path, uint16_t what);
