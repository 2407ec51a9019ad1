/* SPDX-License-Identifier: Apache-2.0 */
/* Takes frames apart and puts them together: pure functions over memory, no descriptor in sight. */
#include "frame.h"

#include <string.h>

#include "protocol.h"

static uint64_t number(const uint8_t *octets, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value = value << 8 | octets[i];
    return value;
}

static void store(uint8_t *octets, size_t width, uint64_t value)
{
    for (size_t i = width; i-- > 0; value >>= 8)
        octets[i] = (uint8_t)value;
}

struct header header_parse(const uint8_t octets[static 8])
{
    return (struct header){
        .length = (uint32_t)number(octets, 4),
        .type = (uint16_t)number(octets + 4, 2),
        .zero = octets[6] == 0 && octets[7] == 0,
    };
}

void header_write(uint8_t octets[static 8], uint16_t type, uint32_t length)
{
    store(octets, 4, length);
    store(octets + 4, 2, type);
    store(octets + 6, 2, 0);
}

static uint64_t take(struct reader *r, size_t width)
{
    if (r->bad || r->left < width) {
        r->bad = true;
        return 0;
    }
    uint64_t value = number(r->at, width);
    r->at += width;
    r->left -= width;
    return value;
}

uint16_t take_u16(struct reader *r)
{
    return (uint16_t)take(r, 2);
}

uint32_t take_u32(struct reader *r)
{
    return (uint32_t)take(r, 4);
}

uint64_t take_u64(struct reader *r)
{
    return take(r, 8);
}

struct text take_string(struct reader *r)
{
    size_t length = take_u16(r);

    if (r->bad || r->left < length || memchr(r->at, 0, length) != NULL) {
        r->bad = true;
        return (struct text){0};
    }
    struct text t = {.octets = (char *)r->at, .length = length};
    r->at += length;
    r->left -= length;
    return t;
}

bool reader_complete(const struct reader *r)
{
    return !r->bad && r->left == 0;
}

char *text_terminate(struct text *t)
{
    memmove(t->octets - 1, t->octets, t->length);
    t->octets--;
    t->octets[t->length] = '\0';
    return t->octets;
}

static void put(struct writer *w, size_t width, uint64_t value)
{
    if (w->full || w->size - w->used < width) {
        w->full = true;
        return;
    }
    store(w->start + w->used, width, value);
    w->used += width;
}

void frame_begin(struct writer *w, uint16_t type)
{
    w->used = 0;
    w->full = false;
    if (w->size < FRAME_HEADER) {
        w->full = true;
        return;
    }
    header_write(w->start, type, 0);
    w->used = FRAME_HEADER;
}

void put_u16(struct writer *w, uint16_t value)
{
    put(w, 2, value);
}

void put_u32(struct writer *w, uint32_t value)
{
    put(w, 4, value);
}

void put_u64(struct writer *w, uint64_t value)
{
    put(w, 8, value);
}

void put_string(struct writer *w, const char *octets, size_t length)
{
    if (length > UINT16_MAX || w->full || w->size - w->used < length + 2) {
        w->full = true;
        return;
    }
    put_u16(w, (uint16_t)length);
    memcpy(w->start + w->used, octets, length);
    w->used += length;
}

void patch_u16(struct writer *w, size_t offset, uint16_t value)
{
    if (offset <= w->used && w->used - offset >= 2)
        store(w->start + offset, 2, value);
}

size_t frame_end(struct writer *w)
{
    if (w->full || w->used < FRAME_HEADER)
        return 0;
    store(w->start, 4, w->used - FRAME_HEADER);
    return w->used;
}
