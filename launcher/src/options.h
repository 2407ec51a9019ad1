/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum {
    HELPERS_MAX = 4096,
};

struct options {
    const char *socket; /* NULL when a service manager has passed one */
    const char *config; /* the launcher's own file, NULL for none */
    const char *client_domain;
    uid_t client_uid;
    unsigned idle;
    unsigned max;
    bool programs; /* helpers run programs instead of serving files */
    bool cgroup;   /* each program in a cgroup of its own */
    bool child;
    bool not_enforcing;
    bool help;
};

/* Returns 0, or -1 after having logged what is wrong. */
int options_parse(struct options *o, int argc, char **argv);

/* A decimal number of at most `most`; a name that can be an SELinux type. */
bool option_number(const char *text, unsigned long most, unsigned long *value);
bool option_type_name(const char *text);

extern const char options_help[];
