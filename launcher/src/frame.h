/* SPDX-License-Identifier: Apache-2.0 */
/* Takes frames apart and puts them together: pure functions over memory, no descriptor in sight. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string inside a frame: not NUL-terminated, and never with a NUL among its octets. */
struct text {
    char *octets;
    size_t length;
};

struct header {
    uint32_t length;
    uint16_t type;
    bool zero; /* the field that must be 0 is 0 */
};

/* Reads a payload field by field. One field too many, or a string with a NUL, makes it bad for good. */
struct reader {
    uint8_t *at;
    size_t left;
    bool bad;
};

/* Writes one frame into a buffer. What does not fit makes it full, and the frame is never finished. */
struct writer {
    uint8_t *start;
    size_t size;
    size_t used;
    bool full;
};

struct header header_parse(const uint8_t octets[static 8]);
void header_write(uint8_t octets[static 8], uint16_t type, uint32_t length);

uint16_t take_u16(struct reader *r);
uint32_t take_u32(struct reader *r);
uint64_t take_u64(struct reader *r);
struct text take_string(struct reader *r);
/* True when every field was there and nothing is left over. */
bool reader_complete(const struct reader *r);

/* Terminates a string for the kernel, in place: it moves one octet down, over its own length field. */
char *text_terminate(struct text *t);

void frame_begin(struct writer *w, uint16_t type);
void put_u16(struct writer *w, uint16_t value);
void put_u32(struct writer *w, uint32_t value);
void put_u64(struct writer *w, uint64_t value);
void put_string(struct writer *w, const char *octets, size_t length);
/* Writes a value over one that was put before. */
void patch_u16(struct writer *w, size_t offset, uint16_t value);
/* Fills in the length; returns the size of the whole frame, 0 if it did not fit. */
size_t frame_end(struct writer *w);
