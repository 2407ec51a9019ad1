/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of states.c: the whole table, from the outside. */
#include "states.h"

#include "protocol.h"
#include "testing.h"

static bool asks(enum state state, uint16_t type, uint32_t length, bool zero)
{
    struct header h = {.length = length, .type = type, .zero = zero};

    return state_allows(state, &h);
}

static void new_takes_confine_only(void **state)
{
    (void)state;
    for (uint32_t type = 0; type <= UINT16_MAX; type++)
        assert_int_equal(asks(STATE_NEW, (uint16_t)type, 1, true), type == REQUEST_CONFINE);
}

static bool reads(uint32_t type)
{
    return type >= REQUEST_STAT && type <= REQUEST_LIST;
}

static void serving_takes_everything_but_confine(void **state)
{
    (void)state;
    for (uint32_t type = 0; type <= UINT16_MAX; type++)
        assert_int_equal(asks(STATE_SERVING, (uint16_t)type, 1, true),
                         reads(type) || type == REQUEST_MKDIR || type == REQUEST_CREATE ||
                             type == REQUEST_DELETE || type == REQUEST_ACCESS);
}

static void an_upload_is_fed_and_ended_before_there_is_another(void **state)
{
    (void)state;
    for (uint32_t type = 0; type <= UINT16_MAX; type++)
        assert_int_equal(asks(STATE_UPLOADING, (uint16_t)type, 0, true),
                         reads(type) || type == REQUEST_CONTENT || type == REQUEST_COMMIT ||
                             type == REQUEST_ABORT);
    assert_true(asks(STATE_UPLOADING, REQUEST_CONTENT, CONTENT_MAX, true));
    assert_false(asks(STATE_UPLOADING, REQUEST_CONTENT, CONTENT_MAX + 1, true));
    assert_false(asks(STATE_UPLOADING, REQUEST_COMMIT, 1, true));
    assert_false(asks(STATE_UPLOADING, REQUEST_ABORT, 1, true));
}

static void programs_are_found_run_and_fed(void **state)
{
    (void)state;
    for (uint32_t type = 0; type <= UINT16_MAX; type++) {
        assert_int_equal(asks(STATE_READY, (uint16_t)type, 0, true),
                         type == REQUEST_FIND || type == REQUEST_RUN);
        assert_int_equal(asks(STATE_RUNNING, (uint16_t)type, 0, true),
                         type == REQUEST_STDIN || type == REQUEST_STDIN_END);
    }
    assert_false(asks(STATE_READY, REQUEST_FIND, FRAME_MAX_FIND + 1, true));
    assert_false(asks(STATE_READY, REQUEST_RUN, FRAME_MAX_RUN + 1, true));
    assert_true(asks(STATE_RUNNING, REQUEST_STDIN, STREAM_MAX, true));
    assert_false(asks(STATE_RUNNING, REQUEST_STDIN, STREAM_MAX + 1, true));
    assert_false(asks(STATE_RUNNING, REQUEST_STDIN_END, 1, true));
}

static void lengths_have_limits(void **state)
{
    (void)state;
    assert_true(asks(STATE_NEW, REQUEST_CONFINE, FRAME_MAX_CONFINE, true));
    assert_false(asks(STATE_NEW, REQUEST_CONFINE, FRAME_MAX_CONFINE + 1, true));
    assert_false(asks(STATE_NEW, REQUEST_CONFINE, UINT32_MAX, true));
    for (uint16_t type = REQUEST_STAT; type <= REQUEST_LIST; type++) {
        assert_true(asks(STATE_SERVING, type, FRAME_MAX_REQUEST, true));
        assert_false(asks(STATE_SERVING, type, FRAME_MAX_REQUEST + 1, true));
        assert_false(asks(STATE_SERVING, type, UINT32_MAX, true));
    }
}

static void zero_is_zero(void **state)
{
    (void)state;
    assert_false(asks(STATE_NEW, REQUEST_CONFINE, 1, false));
    assert_false(asks(STATE_SERVING, REQUEST_STAT, 1, false));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_takes_confine_only),
        cmocka_unit_test(serving_takes_everything_but_confine),
        cmocka_unit_test(an_upload_is_fed_and_ended_before_there_is_another),
        cmocka_unit_test(programs_are_found_run_and_fed),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(zero_is_zero),
    };

    return cmocka_run_group_tests_name("states", tests, NULL, NULL);
}
