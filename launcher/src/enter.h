/* SPDX-License-Identifier: Apache-2.0 */
/* From the frame to the reply that says what is in force: the confinement, step by step, and the one place
 * where a context is applied. */
#pragma once

#include "confine.h"
#include "helper.h"
#include "identity.h"
#include "roots.h"

/* Where they are after enter(). */
enum {
    CONNECTION = 0,
    MORE = 1,
    EVEN_MORE = 2, /* with programs that are counted */
};

/* What a helper has before it knows what is asked for; descriptors are -1 where there is none. */
struct ready {
    pid_t self;
    int own_context; /* for context_take() */
    int more;        /* files: Landlock's rules; programs: what tells of their number */
    int even_more; /* programs: what tells of their memory, which is counted there and bounded nowhere else */
};

/* What can be made before it is known what is asked for. */
struct ready enter_prepare(const struct setting *s);

/*
 * Confines this process as asked and opens its roots, or ends it with FAILED. Returns the size of the reply,
 * which is in the setting's memory and still to be sent. `only` is the memory for a root that is the only
 * one.
 *
 * Capabilities, no-new-privileges, limits and the system-call filter are older than this process: the
 * launcher sees to them before its first fork, where they cost nothing here.
 */
size_t enter(const struct setting *s, int connection, const struct ready *ready, struct confine *asked,
             const struct identity *identity, struct root *only, struct roots *roots);

/* The path of a program's root, after enter(). */
const char *enter_folder(void);
/* The context that it took, as the kernel said then; empty without SELinux. */
const char *enter_context(void);
