/* SPDX-License-Identifier: Apache-2.0 */
/* GET and PUT over a TCP connection of this machine, at as little cost as can be. */
#include "http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 4096, BODY_PIECE = 65536 };

static bool dial(struct connection *c, uint16_t port)
{
    static const int one = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return c->fd >= 0 && setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
           connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0;
}

void http_close(struct connection *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

/* The head with what came behind it; the octets of the body among it are counted in `body`. */
static bool receive_head(int fd, char head[static HEAD_MAX], size_t *body)
{
    size_t got = 0;

    while (got < HEAD_MAX - 1) {
        ssize_t n = recv(fd, head + got, HEAD_MAX - 1 - got, 0);
        if (n <= 0)
            return false;
        got += (size_t)n;
        head[got] = '\0';
        char *end = strstr(head, "\r\n\r\n");
        if (end != NULL) {
            *body = got - (size_t)(end + 4 - head);
            end[2] = '\0';
            return true;
        }
    }
    return false;
}

static bool receive_body(int fd, uint64_t left)
{
    char octets[BODY_PIECE];

    while (left > 0) {
        ssize_t n = recv(fd, octets, left < sizeof octets ? left : sizeof octets, 0);
        if (n <= 0)
            return false;
        left -= (uint64_t)n;
    }
    return true;
}

static bool send_request(int fd, const struct exchange *e)
{
    static const char zeros[BODY_PIECE];
    uint64_t left = e->upload;

    if (send(fd, e->head, e->length, MSG_NOSIGNAL | (left > 0 ? MSG_MORE : 0)) != (ssize_t)e->length)
        return false;
    while (left > 0) {
        ssize_t n = send(fd, zeros, left < sizeof zeros ? left : sizeof zeros, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        left -= (uint64_t)n;
    }
    return true;
}

/* Whether the body is as it must be, of which `body` octets have come with the head. */
static bool receive_expected(int fd, const char *head, size_t body, const struct exchange *e, bool kept)
{
    const char *announced = strcasestr(head, "\r\nContent-Length:");

    if (e->upload > 0)
        return strncmp(head, "HTTP/1.1 204", 12) == 0 && body == 0;
    return strncmp(head, e->refused ? "HTTP/1.1 403" : "HTTP/1.1 200", 12) == 0 && (announced != NULL || !kept) &&
           (announced == NULL || strtoull(announced + 17, NULL, 10) == e->size) && body <= e->size &&
           receive_body(fd, e->size - body);
}

static bool exchange(int fd, const struct exchange *e, bool kept)
{
    char head[HEAD_MAX];
    size_t body = 0;

    if (!send_request(fd, e) || !receive_head(fd, head, &body) || !receive_expected(fd, head, body, e, kept))
        return false;
    if (kept)
        return strcasestr(head, "\r\nConnection: close") == NULL;
    return recv(fd, head, 1, 0) == 0;
}

bool http_ask(struct connection *c, uint16_t port, const struct exchange *e, bool kept)
{
    if (c->fd < 0 && !dial(c, port)) {
        http_close(c);
        return false;
    }
    bool good = exchange(c->fd, e, kept);
    if (!good || !kept)
        http_close(c);
    return good;
}
