/* SPDX-License-Identifier: Apache-2.0 */
/* Octets over the connection: all of them or none. */
#include "wire.h"

#include <errno.h>
#include <stdint.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

static int failure(int error)
{
    switch (error) {
    case EAGAIN:
        return WIRE_LATE;
    case EPIPE:
    case ECONNRESET:
        return WIRE_GONE;
    default:
        return -error;
    }
}

int wire_read(int socket, void *octets, size_t length)
{
    uint8_t *at = octets;

    while (length > 0) {
        /* MSG_WAITALL makes the timeout one for the whole of it, so octets that dribble do not stretch it. */
        ssize_t n = recv(socket, at, length, MSG_WAITALL);
        if (n == 0)
            return WIRE_GONE;
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return failure(errno);
        }
        if ((size_t)n < length) {
            /* Short: end of stream, timeout or signal. Ask once more without waiting to learn which. */
            ssize_t again = recv(socket, at + n, length - (size_t)n, MSG_DONTWAIT);
            if (again == 0)
                return WIRE_GONE;
            if (again < 0)
                return failure(errno);
            n += again;
        }
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

int wire_write(int socket, const void *octets, size_t length, bool more)
{
    const uint8_t *at = octets;

    while (length > 0) {
        ssize_t n = send(socket, at, length, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return failure(errno);
        }
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

int wire_write_two(int socket, const void *first, size_t first_length, const void *second,
                   size_t second_length)
{
    struct iovec parts[] = {
        {.iov_base = (void *)first, .iov_len = first_length},
        {.iov_base = (void *)second, .iov_len = second_length},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;

    do
        /* Not the libc's, which wants another 1,024 octets of stack. */
        n = syscall(SYS_sendmsg, socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return failure(errno);
    size_t sent = (size_t)n;
    if (sent < first_length) {
        int r = wire_write(socket, (const uint8_t *)first + sent, first_length - sent, true);
        return r != 0 ? r : wire_write(socket, second, second_length, false);
    }
    sent -= first_length;
    return wire_write(socket, (const uint8_t *)second + sent, second_length - sent, false);
}

int wire_send_file(int socket, int file, off_t offset, size_t length)
{
    while (length > 0) {
        ssize_t n = sendfile(socket, file, &offset, length);
        if (n == 0)
            return -ENODATA;
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return failure(errno);
        }
        length -= (size_t)n;
    }
    return 0;
}

int wire_set_timeout(int socket, unsigned milliseconds)
{
    struct timeval t = {.tv_sec = milliseconds / 1000, .tv_usec = (suseconds_t)(milliseconds % 1000) * 1000};

    if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) < 0 ||
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) < 0)
        return -errno;
    return 0;
}
