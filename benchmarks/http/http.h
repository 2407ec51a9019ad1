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

/* One request, and what its answer must be. */
struct exchange {
    const char *head; /* of the request, whole */
    size_t length;
    uint64_t upload; /* octets of body behind it, zeros; the answer to those is 204, without a body */
    uint64_t size;   /* octets of body of the answer, else, which is 200 */
    bool refused;    /* that is 403 */
};

/*
 * Sends a request, on a new connection if there is none, and takes the whole answer. Unless `kept`, the
 * server must close the connection behind it; if `kept`, it must not. False if the answer is not as it must
 * be. Only the end of a connection that is not kept ends an answer without a length.
 */
bool http_ask(struct connection *c, uint16_t port, const struct exchange *e, bool kept);

void http_close(struct connection *c);

#endif
