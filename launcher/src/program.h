/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a program below the root, and starting it with nothing but what it is given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame.h"

enum {
    PROGRAM_ARGUMENTS_MAX = 256,
    PROGRAM_VARIABLES_MAX = 1024,
    PROGRAM_NAME_SIZE = 3 * (4096 + 1),
};

/* Where a program was found; -1 and empty before. */
struct found_program {
    int folder;                   /* the folder it is in (path only) */
    int file;                     /* itself (path only) */
    char name[PROGRAM_NAME_SIZE]; /* its absolute path */
};

/*
 * Looks for the first regular file on the way that `path` describes below `prefix` below `root`, whose own
 * path is `folder`. Nothing but searching folders is needed. Returns 0 with *length octets of `path` naming
 * it, or a positive errno; ENOENT also for what a client may not know of.
 */
int program_find(int root, const char *folder, struct text *prefix, const struct text *path,
                 struct found_program *found, uint16_t *length);

/* What RUN asks for. The strings lie in the frame. */
struct command {
    uint16_t expected; /* octets of the path that must have named the program; 0: any */
    bool elsewhere;    /* only into another domain */
    const char *file;  /* what is executed; NULL: the program that was found */
    const char *arguments[PROGRAM_ARGUMENTS_MAX + 2];
    const char *variables[PROGRAM_VARIABLES_MAX + 1];
};

/* Takes RUN apart, in place. False when it is malformed. */
bool command_parse(uint8_t *payload, size_t length, const struct found_program *program, struct command *out);

/* The interpreter's absolute path: a name without "/" is sought where programs are. Returns 0 or a positive
 * errno. */
int command_resolve(struct command *command, char *name, size_t size);

/* Our ends of a program's pipes; they do not block. */
struct streams {
    int input;
    int output;
    int errors;
};

/* Starts it. Returns its pid, or a negative errno: then nothing runs. */
pid_t program_start(const struct found_program *program, const struct command *command,
                    struct streams *streams);
