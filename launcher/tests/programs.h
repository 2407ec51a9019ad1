/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of programs ask again and again. */
#pragma once

#include "stage.h"

/* What RUN asks for: lists end with NULL. */
struct run_request {
    uint16_t expected;
    uint16_t flags;
    const char *interpreter;
    const char *const *interpreter_arguments;
    const char *const *arguments;
    const char *const *variables;
};

/* All that a program said. */
struct outcome {
    char output[65536];
    size_t output_length;
    char errors[65536];
    size_t errors_length;
    bool output_ended;
    bool stdin_closed;
    char why[2048]; /* of STARTED */
    uint16_t killed;
    uint16_t status;
    uint16_t limit;
};

extern struct outcome outcome;

/* Starts a launcher for programs. */
void start_programs(struct stage *s);
/* Writes an executable file below the root. */
void write_program(const struct stage *s, const char *name, const char *text);
/* A confined connection for one program; `deadline` in milliseconds. */
int ready(const struct stage *s, unsigned deadline, struct confined *c);
/* What such a connection asks for, if nothing else is wanted. */
struct confine_request program_request(const struct stage *s);
/* The same with what else CONFINE can ask for. */
int ready_with(const struct stage *s, const struct confine_request *asked, struct confined *c);
/* Returns the errno of FOUND with *length said. */
int find(int fd, const char *prefix, const char *path, unsigned *length);
/* Returns the errno of STARTED. */
int run(int fd, const struct run_request *request, pid_t *pid);
/* Finds and runs a program at the root, which must be possible. Returns its pid. */
pid_t run_program(int fd, const char *name);
void give(int fd, const char *octets);
void give_end(int fd);
/* One frame more in `octets`, which has 4096. */
void add_frame(uint8_t *octets, size_t *used, uint16_t type, const void *payload, size_t length);
size_t find_payload(uint8_t *payload, size_t size, const char *prefix, const char *path);
size_t run_payload(uint8_t *payload, size_t size, const struct run_request *request);
/* Reads one frame, and adds it to the outcome. Returns its type. */
uint16_t listen_once(int fd);
/* Reads until EXITED. */
void listen_to_end(int fd);
/* Reads until the program has said these words on standard output. */
void listen_for(int fd, const char *words);
