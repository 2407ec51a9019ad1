/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of range.c. */
#include "range.h"

#include <string.h>

#include "testing.h"

static bool parses(const char *text)
{
    struct range r;

    return range_parse(text, strlen(text), &r);
}

static bool within(const char *inner, const char *outer)
{
    struct range i;
    struct range o;

    assert_true(range_parse(inner, strlen(inner), &i));
    assert_true(range_parse(outer, strlen(outer), &o));
    return range_within(&i, &o);
}

static void takes_levels_and_ranges(void **state)
{
    static const char *const good[] = {
        "s0",    "s255",         "s0:c0",       "s0:c1023", "s0:c0.c1023", "s1:c1,c3,c5.c9,c11",
        "s0-s0", "s0-s15:c0.c9", "s0:c1-s0:c1", "s0:c0,c1", "s0:c63,c64",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(parses(good[i]));
}

static void refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        "s",
        "0",
        "s256",
        "s00",
        "s01",
        "S0",
        " s0",
        "s0 ",
        "s0\n",
        "s0:",
        "s0:c",
        "s0:c1024",
        "s0:c01",
        "s0:c1,",
        "s0:,c1",
        "s0:c1,,c2",
        "s0:c2,c1",
        "s0:c1,c1",
        "s0:c1.c1",
        "s0:c2.c1",
        "s0:c1.",
        "s0:c1.c2.c3",
        "s0:c1.2",
        "s0:c1.c5,c5",
        "s0:c1.c5,c3",
        "s0-",
        "-s0",
        "s0--s0",
        "s0-s0-s0",
        "s1-s0",
        "s0:c1-s0",
        "s0:c1-s0:c2",
        "s0:c1:c2",
        "SystemLow",
        "s0:c1-c5",
        "s99999999999999999999",
        "s0:c4294967296",
        "s4294967296",
        "s0,s1",
        "s0:s1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(parses(bad[i]));
    /* The length counts, not what is behind it. */
    struct range r;
    assert_true(range_parse("s0:c12", 5, &r));
    assert_int_equal(r.low.categories[0], 2);
    assert_false(range_parse("s0:c1", 3, &r));
    assert_false(range_parse("s0", 0, &r));
}

static void knows_each_category(void **state)
{
    struct range r;

    (void)state;
    assert_true(range_parse("s3:c0,c63.c65,c1023", 19, &r));
    assert_int_equal(r.low.sensitivity, 3);
    assert_true(r.low.categories[0] == (1 | (uint64_t)1 << 63));
    assert_true(r.low.categories[1] == 3);
    assert_true(r.low.categories[15] == (uint64_t)1 << 63);
    for (int i = 2; i < 15; i++)
        assert_true(r.low.categories[i] == 0);
    assert_memory_equal(&r.low, &r.high, sizeof r.low);
}

static void an_exact_level_holds_itself_only(void **state)
{
    (void)state;
    assert_true(within("s0:c5", "s0:c5"));
    assert_true(within("s0:c5-s0:c5", "s0:c5"));
    assert_false(within("s0", "s0:c5"));
    assert_false(within("s0:c6", "s0:c5"));
    assert_false(within("s0:c5,c6", "s0:c5"));
    assert_false(within("s0-s0:c5", "s0:c5"));
    assert_false(within("s1:c5", "s0:c5"));
    assert_false(within("s0:c5-s1:c5", "s0:c5"));
    assert_false(within("s0:c5", "s0"));
}

static void an_interval_holds_what_lies_between(void **state)
{
    (void)state;
    assert_true(within("s0", "s0-s0:c100.c199"));
    assert_true(within("s0:c100", "s0-s0:c100.c199"));
    assert_true(within("s0:c100,c199", "s0-s0:c100.c199"));
    assert_true(within("s0-s0:c150", "s0-s0:c100.c199"));
    assert_true(within("s0-s0:c100.c199", "s0-s0:c100.c199"));
    assert_false(within("s0:c99", "s0-s0:c100.c199"));
    assert_false(within("s0:c200", "s0-s0:c100.c199"));
    assert_false(within("s0-s0:c99.c199", "s0-s0:c100.c199"));
    assert_false(within("s0-s1", "s0-s0:c100.c199"));
    assert_false(within("s0", "s0:c1-s0:c1.c9"));
    assert_true(within("s0:c1,c3", "s0:c1-s0:c1.c9"));
    assert_false(within("s0:c3", "s0:c1-s0:c1.c9"));
    assert_true(within("s1:c1", "s0-s2:c0.c9"));
    assert_false(within("s3", "s0-s2:c0.c9"));
    assert_false(within("s0", "s1-s2"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_levels_and_ranges),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(knows_each_category),
        cmocka_unit_test(an_exact_level_holds_itself_only),
        cmocka_unit_test(an_interval_holds_what_lies_between),
    };

    return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
