/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup for each program with all that it starts: counted there, and killed as one. See cgroups(7). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The launcher's own part of the tree. */
struct cgroups {
    int tree;  /* -1: there is none, and nobody counts */
    int procs; /* its cgroup.procs: the kernel knows the label only of what is open */
};

/* One request's. Its descriptors are -1 where there is no tree. */
struct cgroup {
    int folder;
    char name[16];
};

/* Takes the cgroup that this process is in, which must have been delegated to it, and moves to a leaf of it.
 * Returns 0 or a negative errno, with *step for a message. */
int cgroups_open(struct cgroups *c, int proc, const char **step);

/* Forks a child that shares the descriptors of its parent, in a new cgroup if there is a tree. Returns what
 * fork does, or a negative errno. The child cannot do it again. */
long cgroup_fork(const struct cgroups *c, struct cgroup *new, pid_t self);

/* For cgroup_refused() and cgroup_out_of_memory(); -1 where nobody counts. */
struct cgroup_events {
    int processes;
    int memory;
};

/* Lets so many processes and threads be there at a time, the caller's own not counted, with so many octets of
 * memory together, 0 for any number. Returns 0 with *events open, or a negative errno. */
int cgroup_limit(const struct cgroup *g, unsigned processes, uint64_t memory, struct cgroup_events *events);

/* True when a fork was refused because of that. */
bool cgroup_refused(const struct cgroup_events *events);

/* True when the kernel has killed a process because there was no memory left. */
bool cgroup_out_of_memory(const struct cgroup_events *events);

/* Kills all that is in it, at once. */
void cgroup_kill(const struct cgroup *g);

/* Removes what nobody is in any more, and closes it. */
void cgroup_remove(const struct cgroups *c, struct cgroup *g);
