/* SPDX-License-Identifier: Apache-2.0 */
/* GET over a TCP connection of this machine, at as little cost as can be. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
    int fd; /* -1 while there is none */
};

/*
 * Sends a request, on a new connection if there is none, and takes the whole answer. Unless `kept`, the
 * server must close the connection behind it; if `kept`, it must not. False if the answer is not 200 with a
 * body of `size` octets. Only the end of a connection that is not kept ends an answer without a length.
 */
bool http_get(struct connection *c, uint16_t port, const char *request, size_t length, uint64_t size,
              bool kept);

void http_close(struct connection *c);

#endif
