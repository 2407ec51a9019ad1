/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of counts.c: every end is counted once, each as what it was. */
#include "counts.h"

#include <string.h>

#include "ends.h"
#include "testing.h"

static void counts_every_end_as_what_it_was(void **state)
{
    struct counts c = {.forked = 11, .unused = 1};
    static const struct {
        int code;
        int status;
    } ends[] = {{CLD_EXITED, EXIT_SERVED}, {CLD_EXITED, EXIT_FAILED},    {CLD_EXITED, 77},
                {CLD_EXITED, EXIT_GONE},   {CLD_EXITED, EXIT_STRANGER},  {CLD_EXITED, EXIT_LATE},
                {CLD_KILLED, SIGALRM},     {CLD_EXITED, EXIT_BAD_FRAME}, {CLD_KILLED, SIGKILL},
                {CLD_DUMPED, SIGSEGV}};
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        siginfo_t death = {.si_code = ends[i].code};
        death.si_status = ends[i].status;
        counts_death(&c, &death);
    }
    size_t length = counts_text(&c, 8, 3, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_string_equal(
        text, "8 helpers wait, 3 at work; of 11 forked: 1 served, 2 refused, 1 met a stranger, 2 ran "
              "out of time, 1 lost their client, 1 got a bad frame, 2 crashed, 1 died unused");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(counts_every_end_as_what_it_was)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
