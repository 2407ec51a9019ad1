/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rlimits.c: limits are lowered, never raised, and believed only as far as the kernel says them. */
#include "rlimits.h"

#include <errno.h>
#include <sys/resource.h>

#include "faking.h"

static bool is(int what, rlim_t value)
{
    struct rlimit l;

    return getrlimit(what, &l) == 0 && l.rlim_cur == value && l.rlim_max == value;
}

static const struct confine_limits asked = {
    .memory = (uint64_t)1 << 46, .cpu_time = 50, .file_size = 4096, .open_files = 20};

static int inherits(void)
{
    if (limits_inherit(64, false) < 0 || limits_born() < 0)
        return 1;
    return is(RLIMIT_CORE, 0) && is(RLIMIT_NOFILE, 64) && is(RLIMIT_MEMLOCK, 0) &&
                   is(RLIMIT_FSIZE, (rlim_t)16 << 30) && is(RLIMIT_CPU, 3600)
               ? 0
               : 2;
}

static int lowers(void)
{
    if (inherits() != 0 || limits_lower(&asked) < 0)
        return 1;
    return is(RLIMIT_NOFILE, 20) && is(RLIMIT_FSIZE, 4096) && is(RLIMIT_CPU, 50) &&
                   is(RLIMIT_AS, (rlim_t)1 << 46)
               ? 0
               : 2;
}

static int never_raises(void)
{
    static const struct confine_limits more = {
        .memory = UINT64_MAX, .cpu_time = 51, .file_size = UINT64_MAX, .open_files = 21};

    if (lowers() != 0 || limits_lower(&more) < 0)
        return 1;
    return is(RLIMIT_NOFILE, 20) && is(RLIMIT_FSIZE, 4096) && is(RLIMIT_CPU, 50) &&
                   is(RLIMIT_AS, (rlim_t)1 << 46)
               ? 0
               : 2;
}

/* Where the kernel, or something in its place, says yes and does nothing. */
static int notices(void)
{
    if (fake(SYS_prlimit64, 2) < 0)
        return 1;
    return limits_lower(&asked) == -EPERM && limits_inherit(20, false) == -EPERM ? 0 : 2;
}

#define IN_CHILD(act)                                                                                        \
    static void act##_as_asked(void **state)                                                                 \
    {                                                                                                        \
        (void)state;                                                                                         \
        assert_int_equal(in_child(act), 0);                                                                  \
    }
IN_CHILD(inherits)
IN_CHILD(lowers)
IN_CHILD(never_raises)
IN_CHILD(notices)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(inherits_as_asked),
        cmocka_unit_test(lowers_as_asked),
        cmocka_unit_test(never_raises_as_asked),
        cmocka_unit_test(notices_as_asked),
    };

    return cmocka_run_group_tests_name("rlimits", tests, NULL, NULL);
}
