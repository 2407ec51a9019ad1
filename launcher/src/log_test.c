/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of log.c: nothing that a client sent starts a line of its own. */
#include "log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static void escapes_control_characters(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(log_escape(out, sizeof out, "a\nb\0\177\\\033", 7), 2 + 5 * 4);
    assert_string_equal(out, "a\\012b\\000\\177\\134\\033");
    log_escape(out, sizeof out, "\303\266 ok", 5);
    assert_string_equal(out, "\303\266 ok");
}

static void never_cuts_an_escape_in_two(void **state)
{
    char out[8];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        size_t n = log_escape(out, size, "\n\n\n", 3);
        assert_int_equal(n, (size - 1) / 4 * 4);
        assert_int_equal(out[n], '\0');
    }
}

static void writes_one_line(void **state)
{
    char line[8192];
    char huge[4000];
    int fds[2];

    (void)state;
    memset(huge, '\n', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    int before = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    log_line("a %s %d", "b\nc", 7);
    log_line("%s", huge);
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t n = read(fds[0], line, sizeof line);
    assert_true(n > 0);
    assert_memory_equal(line, "launcher: a b\\012c 7\n", 21);
    char *second = memchr(line, '\n', (size_t)n);
    assert_non_null(second);
    assert_ptr_equal(memchr(second + 1, '\n', (size_t)(line + n - second - 1)), line + n - 1);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_control_characters),
        cmocka_unit_test(never_cuts_an_escape_in_two),
        cmocka_unit_test(writes_one_line),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
