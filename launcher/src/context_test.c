/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of context.c, as far as they need no SELinux; tests/guest.sh has the rest. */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static bool is(const char *context, const char *type)
{
    return context_type_is(context, strlen(context), type);
}

static void finds_the_type(void **state)
{
    (void)state;
    assert_true(is("u:r:t_t:s0", "t_t"));
    assert_true(is("u:r:t_t:s0-s15:c0.c1023", "t_t"));
    assert_true(is("u:r:t_t", "t_t"));
    assert_false(is("u:r:t_t:s0", "t"));
    assert_false(is("u:r:t_t:s0", "t_t:s0"));
    assert_false(is("u:r:t_tx:s0", "t_t"));
    assert_false(is("t_t:r:u:s0", "t_t"));
    assert_false(is("u:t_t:r:s0", "t_t"));
    assert_false(is("u:r", "t_t"));
    assert_false(is("", "t_t"));
    assert_false(is("u:r:", "t_t"));
    assert_false(context_type_is("u:r:t_t", 6, "t_t"));
}

static size_t range_at(const char *context)
{
    return context_range_at(context, strlen(context));
}

static void finds_the_range(void **state)
{
    (void)state;
    assert_int_equal(range_at("u:r:t:s0:c1"), 6);
    assert_int_equal(range_at("u:r:t:"), 6);
    assert_int_equal(range_at(":::"), 3);
    assert_int_equal(range_at("u:r:t"), 5);
    assert_int_equal(range_at("u:r"), 3);
    assert_int_equal(range_at(""), 0);
    assert_int_equal(context_range_at("u:r:t:s0", 5), 5);
}

static void says_that_there_is_no_selinux(void **state)
{
    struct selinux s;

    (void)state;
    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        skip();
    assert_int_equal(context_open(&s), 0);
    assert_false(s.present);
    assert_string_equal(s.own, "");
    assert_int_equal(context_enforcing(&s), 0);
    close(s.proc);
}

/* An attribute that takes everything and tells nothing: what is not read back was not taken. */
static void believes_only_what_it_reads_back(void **state)
{
    struct selinux s;
    char now[CONTEXT_SIZE];

    (void)state;
    assert_int_equal(context_open(&s), 0);
    int liar = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(liar >= 0);
    assert_int_not_equal(context_take(s.proc, liar, "u:r:t:s0", 8, now), 0);
    close(liar);
    close(s.proc);
}

static void tells_refused_from_broken(void **state)
{
    char now[CONTEXT_SIZE];

    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_int_equal(context_take(-1, full, "u:r:t:s0", 8, now), -ENOSPC);
    close(full);
    assert_int_equal(context_take(-1, -1, "u:r:t:s0", 8, now), -EBADF);
}

static void does_not_look_for_proc_elsewhere(void **state)
{
    char now[CONTEXT_SIZE];

    (void)state;
    int elsewhere = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int liar = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(context_take(elsewhere, liar, "u:r:t:s0", 8, now), -ENOENT);
    close(liar);
    close(elsewhere);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_type),
        cmocka_unit_test(finds_the_range),
        cmocka_unit_test(says_that_there_is_no_selinux),
        cmocka_unit_test(believes_only_what_it_reads_back),
        cmocka_unit_test(tells_refused_from_broken),
        cmocka_unit_test(does_not_look_for_proc_elsewhere),
    };

    return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
