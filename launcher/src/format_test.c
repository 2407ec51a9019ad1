/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of format.c. */
#include "format.h"

#include <limits.h>
#include <string.h>

#include "testing.h"

static void writes_what_printf_would(void **state)
{
    char out[128];

    (void)state;
    assert_int_equal(
        format(out, sizeof out, "a %s b %.*s c %d %d %u 100%%", "text", 3, "cut off", 7, INT_MIN, UINT_MAX),
        44);
    assert_string_equal(out, "a text b cut c 7 -2147483648 4294967295 100%");
}

static void never_writes_more_than_there_is_room(void **state)
{
    char out[8];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        memset(out, 'x', sizeof out);
        assert_int_equal(format(out, size, "%s%d", "abc", 12345), size - 1);
        assert_int_equal(out[size - 1], '\0');
        for (size_t i = size; i < sizeof out; i++)
            assert_int_equal(out[i], 'x');
    }
}

static void reads_no_further_than_told(void **state)
{
    char out[16];
    const char octets[3] = {'a', 'b', 'c'};

    (void)state;
    assert_int_equal(format(out, sizeof out, "%.*s", 3, octets), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(format(out, sizeof out, "%.*s", 0, octets), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_printf_would),
        cmocka_unit_test(never_writes_more_than_there_is_room),
        cmocka_unit_test(reads_no_further_than_told),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
