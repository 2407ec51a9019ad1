/* SPDX-License-Identifier: Apache-2.0 */
/* What a service manager passes in the environment: a socket, and where it wants to hear from this process.
 * See sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SERVICE_FIRST_PASSED = 3 };

struct service {
    int fd; /* to write datagrams to the manager; -1 without one */
    struct sockaddr_un address;
    socklen_t length;
    int64_t interval; /* nanoseconds between two signs of life, 0 for none */
    int64_t next;     /* when the next one is due */
};

/* True when the manager has passed this process descriptors. */
bool service_passes_socket(void);

/* Takes the one listening socket that was passed. Returns its descriptor, or -1 after having logged why it is
 * of no use. */
int service_take_socket(void);

/* Finds out whether a manager wants to hear anything. Returns 0, or -1 after having logged what is wrong. */
int service_open(struct service *s);

/* Tells the manager, if there is one. Returns 0 or a negative errno. */
int service_notify(const struct service *s, const char *state);

/* True when a sign of life is wanted at `now`. */
bool service_due(const struct service *s, int64_t now);

/* Gives a sign of life, with a word on how things are. */
void service_live(struct service *s, int64_t now, const char *status);
