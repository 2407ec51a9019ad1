/* SPDX-License-Identifier: Apache-2.0 */
/* A folder, a socket and a launcher for each end-to-end test, and what such tests ask again and again. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "client.h"
#include "testing.h"

enum { PATIENCE_S = 15 }; /* until what must happen counts as missing: a busy machine takes its time */

/* A launcher under test and the folder that it serves. */
struct stage {
    char folder[64];
    char socket[96];
    char root[96];
    pid_t launcher;
    int input;  /* its standard input */
    int output; /* its standard output */
    int errors; /* its standard error */
};

#define STAGED(name) cmocka_unit_test_setup_teardown(name, stage_prepare, stage_clear)

extern const char *launcher_path;
extern bool sanitized; /* a build with sanitizers, which has no system-call filter */
extern struct reply reply;

int stage_prepare(void **state);
int stage_clear(void **state);

/* Starts the launcher with these arguments and nothing else. */
void execute(struct stage *s, const char *const *arguments);
/* The same; `prepare` is called in the new process, whose standard streams are in place. */
void execute_prepared(struct stage *s, const char *const *arguments, void (*prepare)(const struct stage *));
/* Starts it as a child that needs no SELinux, and waits until it is ready. */
void start(struct stage *s);
void start_with(struct stage *s, const char *const *more);
/* Ends its standard input, and expects it to end well. */
void stop(struct stage *s);

/* The exit status, 1000 and the number of the signal, or -1. */
int exit_status(pid_t pid);
bool alive(pid_t pid);
/* A second where the machine has nothing else to do; no test fails because it has. */
bool gone_within_a_second(pid_t pid);
/* Returns how many children of the process were found. */
size_t children_of(pid_t pid, pid_t *children, size_t size);

double now(void);
void pause_ms(long ms);
void write_file(const char *folder, const char *name, const char *octets, size_t length);
/* Reads one line, or what comes before the end of file; false after a long silence. */
bool read_line(int fd, char *line, size_t size);
/* Reads lines until one holds `words`. */
void expect_line(int fd, const char *words);

int connected(const struct stage *s);
/* A connection whose helper has answered CONFINE: with 0, or the reason of FAILED that is expected. A helper
 * waits for a second, which may be over before a busy machine has let this process send: then there is
 * another helper. */
int confined_as(const struct stage *s, const struct confine_request *request, struct confined *c,
                int expected);
/* A connection whose helper has confined itself; `c` may be NULL. */
int confined(const struct stage *s, struct confined *c);
void assert_closed(int fd);
struct found stat_of(int fd, const char *path);
struct found open_of(int fd, const char *path);
