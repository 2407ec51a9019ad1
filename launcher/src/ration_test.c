/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ration.c. */
#include "ration.h"

#include <stdio.h>

#include "testing.h"

static void gives_each_name_its_own(void **state)
{
    struct rations rations = {0};
    unsigned left_out = 99;

    (void)state;
    for (int i = 0; i < RATION_LINES; i++) {
        assert_true(ration_take(&rations, "a", 5, &left_out));
        assert_int_equal(left_out, 0);
    }
    for (int i = 0; i < 1000; i++)
        assert_false(ration_take(&rations, "a", 5 + i, &left_out));
    assert_true(ration_take(&rations, "b", 6, &left_out));
    assert_int_equal(left_out, 0);
}

static void starts_again_and_says_what_was_left_out(void **state)
{
    struct rations rations = {0};
    unsigned left_out = 99;

    (void)state;
    for (int i = 0; i < RATION_LINES + 7; i++)
        ration_take(&rations, "a", 1, &left_out);
    assert_false(ration_take(&rations, "a", RATION_NS, &left_out));
    assert_true(ration_take(&rations, "a", 1 + RATION_NS, &left_out));
    assert_int_equal(left_out, 8);
    assert_true(ration_take(&rations, "a", 2 + RATION_NS, &left_out));
    assert_int_equal(left_out, 0);
}

static void bounds_what_many_names_may_write(void **state)
{
    struct rations rations = {0};
    unsigned left_out;
    unsigned lines = 0;
    char name[16];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "%d", i);
        lines += ration_take(&rations, name, i, &left_out) ? 1 : 0;
    }
    assert_int_equal(lines, RATION_KEYS * RATION_LINES);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_name_its_own),
        cmocka_unit_test(starts_again_and_says_what_was_left_out),
        cmocka_unit_test(bounds_what_many_names_may_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
