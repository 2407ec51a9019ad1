/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows SELinux: what the kernel enforces, which context this process has, and taking
 * another. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    CONTEXT_SIZE = 1024 + 1,
};

/* What was found at start; never changes. */
struct selinux {
    bool present;           /* the kernel has SELinux */
    int proc;               /* /proc, checked to be procfs */
    int enforce;            /* /sys/fs/selinux/enforce, checked to be selinuxfs; -1 without SELinux */
    const char *asked;      /* for a message: what context_open() looked at last */
    char own[CONTEXT_SIZE]; /* this process's context; empty without SELinux */
};

/* Documented refusals; a negative return is an errno, and means that something is broken. */
enum {
    CONTEXT_NOT_MOUNTED =
        1,               /* the kernel has SELinux but /sys/fs/selinux is not there: nothing can be told */
    CONTEXT_UNKNOWN = 2, /* the policy has no such context */
    CONTEXT_DENIED = 3,  /* the policy does not let this domain enter it */
    CONTEXT_BOUNDED = 4, /* several threads, and the new domain is not bounded by the old */
    CONTEXT_DIFFERS = 5, /* the kernel says another context than the one asked for */
};

/* Opens what the others need. */
int context_open(struct selinux *s);

/* 1 enforcing, 0 permissive or no SELinux, negative errno. Asks the kernel each time. */
int context_enforcing(const struct selinux *s);

/* Opens this process's own attribute for context_take(). To be called after the fork: the kernel lets only
 * the opener write. */
int context_open_own(const struct selinux *s);

/*
 * Takes the context through `own` and reads it back, below `proc`, into `now`. Only 0 means that this process
 * is confined; after anything else it may still be in the launcher's domain and must exit.
 */
int context_take(int proc, int own, const char *context, size_t length, char now[static CONTEXT_SIZE]);

/* Chooses the context of what this process executes next, and reads the choice back. If the policy does not
 * allow it, the kernel executes nothing. */
int context_exec(const struct selinux *s, const char *context);

/* 1 when the loaded policy has such a context, 0 when it has not, or a negative errno. */
int context_valid(const char *context);

/* The context of another process, dead ones not yet reaped included, as the kernel says. */
int context_of(const struct selinux *s, int pid, char context[static CONTEXT_SIZE]);

/* Where the range begins: behind the third colon; `length` without one. */
size_t context_range_at(const char *context, size_t length);

/* Where the type begins: behind the second colon; `length` without one. */
size_t context_type_at(const char *context, size_t length);

/* True when the third field of user:role:type:range is `type`. */
bool context_type_is(const char *context, size_t length, const char *type);
