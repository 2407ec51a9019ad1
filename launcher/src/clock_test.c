/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of clock.c. */
#include "clock.h"

#include <errno.h>

#include "faking.h"

enum { AS_BEFORE, OTHERWISE, NOT_FAKED };

/* From further down the stack, where nothing is left of what was read before. */
static __attribute__((noinline)) int64_t read_below(void)
{
    volatile char between[4096];

    between[0] = 0;
    int64_t now = clock_ns();
    between[1] = between[0];
    return now;
}

static int read_before_and_after_it_fails(void)
{
    int64_t before = clock_ns();

    if (fake_error(SYS_clock_gettime, 0, EIO) < 0)
        return NOT_FAKED;
    return read_below() == before ? AS_BEFORE : OTHERWISE;
}

static void goes_on(void **state)
{
    int64_t before = clock_ns();

    (void)state;
    assert_true(before > 0);
    while (clock_ns() == before)
        ;
    assert_true(clock_ns() > before);
    assert_true(clock_ms() >= before / 1000000);
}

static void stands_still_where_it_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(in_child(read_before_and_after_it_fails), AS_BEFORE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on),
        cmocka_unit_test(stands_still_where_it_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
