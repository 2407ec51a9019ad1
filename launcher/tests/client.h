/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the launcher in C, for its tests, its benchmarks and the command launcher-client. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame.h"

struct reply {
    uint16_t type;
    uint32_t length;
    uint8_t payload[1048576 + 1];
};

struct confined {
    pid_t pid;
    uint32_t measures;
    char context[1025];
};

struct found {
    int error;
    uint16_t refused;
    uint16_t root;
    uint16_t kind;
    uint16_t handle;
    uint64_t size;
    int64_t modified;
    int64_t created;
};

/* Each returns 0 or a positive number unless it says otherwise; -1 when the connection ended or answered
 * something else. */

int client_connect(const char *socket);
/* Writes a frame; returns -1 when the helper is gone. */
int client_send(int fd, uint16_t type, const void *payload, size_t length);
/* Reads a frame; returns -1 when the helper is gone. */
int client_receive(int fd, struct reply *reply);

struct requested_root {
    const char *mount;
    const char *folder;
    uint16_t flags;
};

struct confine_request {
    uint16_t version;
    uint16_t way;
    uint32_t progress_timeout;
    uint32_t total_timeout;
    const char *context;
    const char *request_id;
    const char *user;
    const char *group;
    const char *capabilities; /* names with a comma between them */
    uint64_t memory;
    uint32_t cpu_time;
    uint64_t file_size;
    uint16_t open_files;
    uint16_t processes;
    uint16_t roots;    /* the number that the frame gives */
    const char *mount; /* of the first root */
    const char *folder;
    uint16_t flags;
    const struct requested_root *more; /* those behind it */
    unsigned more_count;
};

/* What a well-meaning client asks for. */
struct confine_request client_request(const char *context, const char *folder);
/* Writes CONFINE into `frame`, header included; returns its size. */
size_t client_confine_frame(const struct confine_request *request, uint8_t *frame, size_t size);
/* Returns 0 with *confined filled in, the reason of FAILED with its text in reply->payload, or -1. */
int client_confine(int fd, const struct confine_request *request, struct confined *confined,
                   struct reply *reply);
/* The errno and the message of FAILED. */
int client_failure(const struct reply *reply, char *message, size_t size);

int client_path(int fd, uint16_t type, const char *path);
/* Sends OPEN; so many first octets are to come at once. */
int client_open(int fd, const char *path, uint32_t wanted);
/* Reads DATA. */
int client_data(int fd, struct reply *reply);
int client_attributes(int fd, struct found *found, struct reply *reply);
int client_read(int fd, uint16_t handle, uint64_t offset, uint32_t length, struct reply *reply);
int client_close(int fd, uint16_t handle);

/* Called for every entry of an answer to LIST. */
typedef void client_entry(void *context, const char *name, size_t length, const struct found *found);
/* Returns 0, or -1; what the answer begins with is in *outcome. */
int client_outcome(int fd, struct reply *reply, struct found *outcome, client_entry *entry, void *context);
/* Returns the errno of the answer, or -1. */
int client_entries(int fd, struct reply *reply, client_entry *entry, void *context);

/* Reads DONE. */
int client_done(int fd, struct found *outcome, struct reply *reply);
/* Sends CREATE or ACCESS, with a mode of UPLOAD_ or with what of ACCESS_. */
int client_path_and(int fd, uint16_t type, const char *path, uint16_t number);
int client_content(int fd, const void *octets, size_t length);
int client_commit(int fd);
