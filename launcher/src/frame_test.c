/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of frame.c: every field short by one, long by one, and where its rules end. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "protocol.h"
#include "testing.h"

static struct reader reader_of(const char *octets, size_t length, uint8_t *copy)
{
    memcpy(copy, octets, length);
    return (struct reader){.at = copy, .left = length};
}

static void reads_a_header(void **state)
{
    (void)state;
    struct header h = header_parse((const uint8_t *)"\1\2\3\4\0\5\0\0");
    assert_int_equal(h.length, 0x01020304);
    assert_int_equal(h.type, 5);
    assert_true(h.zero);
    assert_false(header_parse((const uint8_t *)"\0\0\0\0\0\1\1\0").zero);
    assert_false(header_parse((const uint8_t *)"\0\0\0\0\0\1\0\1").zero);
}

static void writes_what_it_reads(void **state)
{
    uint8_t octets[64];
    struct writer w = {.start = octets, .size = sizeof octets};

    (void)state;
    frame_begin(&w, 77);
    put_u16(&w, 0xfffe);
    put_u32(&w, 0xfffefdfc);
    put_u64(&w, 0xfffefdfcfbfaf9f8);
    put_string(&w, "abc", 3);
    put_string(&w, "", 0);
    patch_u16(&w, FRAME_HEADER, 0x1234);
    size_t size = frame_end(&w);
    assert_int_equal(size, FRAME_HEADER + 2 + 4 + 8 + 5 + 2);
    struct header h = header_parse(octets);
    assert_int_equal(h.length, size - FRAME_HEADER);
    assert_int_equal(h.type, 77);
    struct reader r = {.at = octets + FRAME_HEADER, .left = h.length};
    assert_int_equal(take_u16(&r), 0x1234);
    assert_true(take_u32(&r) == 0xfffefdfc);
    assert_true(take_u64(&r) == 0xfffefdfcfbfaf9f8);
    struct text t = take_string(&r);
    assert_int_equal(t.length, 3);
    assert_memory_equal(t.octets, "abc", 3);
    assert_int_equal(take_string(&r).length, 0);
    assert_true(reader_complete(&r));
}

static void a_short_payload_is_bad_for_good(void **state)
{
    uint8_t copy[16];

    (void)state;
    struct reader r = reader_of("\1", 1, copy);
    assert_int_equal(take_u16(&r), 0);
    assert_true(r.bad);
    assert_false(reader_complete(&r));
    r = reader_of("\1\2\3", 3, copy);
    take_u32(&r);
    assert_true(r.bad);
    assert_int_equal(take_u16(&r), 0);
    r = reader_of("\1\2\3\4\5\6\7", 7, copy);
    take_u64(&r);
    assert_true(r.bad);
}

static void a_long_payload_is_not_complete(void **state)
{
    uint8_t copy[16];

    (void)state;
    struct reader r = reader_of("\0\1\0", 3, copy);
    assert_int_equal(take_u16(&r), 1);
    assert_false(reader_complete(&r));
}

static void a_string_has_its_length_and_no_nul(void **state)
{
    uint8_t copy[16];

    (void)state;
    struct reader r = reader_of("\0\3ab", 4, copy);
    take_string(&r);
    assert_true(r.bad);
    r = reader_of("\0\3a\0b", 5, copy);
    take_string(&r);
    assert_true(r.bad);
    r = reader_of("\0", 1, copy);
    take_string(&r);
    assert_true(r.bad);
    r = reader_of("\377\377ab", 4, copy);
    take_string(&r);
    assert_true(r.bad);
    r = reader_of("\0\2ab\0\1c", 7, copy);
    struct text t = take_string(&r);
    assert_string_equal(text_terminate(&t), "ab");
    assert_int_equal(t.length, 2);
    t = take_string(&r);
    assert_string_equal(text_terminate(&t), "c");
    assert_true(reader_complete(&r));
}

static void never_finishes_a_frame_that_does_not_fit(void **state)
{
    uint8_t octets[FRAME_HEADER + 4];
    struct writer w = {.start = octets, .size = sizeof octets};

    (void)state;
    frame_begin(&w, 1);
    put_u32(&w, 1);
    assert_int_equal(frame_end(&w), sizeof octets);
    put_u16(&w, 1);
    assert_int_equal(frame_end(&w), 0);
    frame_begin(&w, 1);
    put_string(&w, "abc", 3);
    assert_int_equal(frame_end(&w), 0);
    frame_begin(&w, 1);
    put_string(&w, "ab", 2);
    assert_int_equal(frame_end(&w), sizeof octets);
    frame_begin(&w, 1);
    put_u64(&w, 1);
    put_u16(&w, 1);
    assert_int_equal(frame_end(&w), 0);
    w = (struct writer){.start = octets, .size = FRAME_HEADER - 1};
    frame_begin(&w, 1);
    assert_int_equal(frame_end(&w), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_header),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(a_short_payload_is_bad_for_good),
        cmocka_unit_test(a_long_payload_is_not_complete),
        cmocka_unit_test(a_string_has_its_length_and_no_nul),
        cmocka_unit_test(never_finishes_a_frame_that_does_not_fit),
    };

    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
