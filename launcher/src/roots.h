/* SPDX-License-Identifier: Apache-2.0 */
/* The roots that a helper serves, and what lies where in them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "files.h"

struct root {
    int folder;          /* O_PATH; the one that an archive lies in */
    int file;            /* O_PATH; the archive, -1 where it is a folder */
    uint16_t flags;      /* PROTOCOL_ROOT_... */
    const char *mount;   /* where it appears: "" or "/a/b" */
    const char *archive; /* the name of the only file there is, at the mount itself; NULL for a folder */
};

struct roots {
    const struct root *root; /* in the order in which they are asked */
    uint16_t count;
    bool selinux; /* the kernel has it */
};

/* True when there is one to write to. */
bool roots_writable(const struct roots *roots);
bool root_writable(const struct root *root);

/* What a path led to. */
struct found {
    int error; /* 0, or why there is nothing: a positive errno */
    uint16_t refused;
    uint16_t root; /* which one answered */
    int fd;        /* -1 unless it is asked for, and of what is only on the way to a mount */
    struct attributes attributes;
};

/*
 * Asks one root after the other: the first that has it answers, and so does the first that denies it, for
 * what it hides must not be replaced. What is on the way to a mount and in no root is KIND_WAY.
 */
void roots_open(const struct roots *roots, const char *path, struct found *found);
/* The same without a descriptor. */
void roots_stat(const struct roots *roots, const char *path, struct found *found);
