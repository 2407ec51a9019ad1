/* SPDX-License-Identifier: Apache-2.0 */
/* Octets over the connection: all of them or none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    WIRE_GONE = 1, /* the peer has closed the connection */
    WIRE_LATE = 2, /* the peer let a timeout pass */
};

/* Each returns 0, WIRE_GONE, WIRE_LATE, or a negative errno. */

/* Reads exactly `length` octets. */
int wire_read(int socket, void *octets, size_t length);
/* Writes all; `more` tells the kernel that the rest of the frame follows. */
int wire_write(int socket, const void *octets, size_t length, bool more);
/* Writes one after the other. */
int wire_write_two(int socket, const void *first, size_t first_length, const void *second,
                   size_t second_length);
/* Writes `length` octets of the file from `offset`, through the kernel; -ENODATA when the file has become
 * shorter. */
int wire_send_file(int socket, int file, off_t offset, size_t length);

/* The time without progress after which a read or a write gives up. */
int wire_set_timeout(int socket, unsigned milliseconds);
