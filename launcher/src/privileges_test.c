/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of privileges.c: what is given up is gone, and whatever is not is noticed. */
#include "privileges.h"

#include <linux/securebits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capability.h"
#include "testing.h"

/* Each test gives up for ever what the next one needs. */
static void in_child(bool (*test)(void))
{
    int status = 0;

    pid_t pid = fork();
    if (pid == 0)
        _exit(test() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* True when the first that is missing has this in its name; NULL: when nothing is missing. */
static bool missing(const char *expected, bool complete)
{
    const char *name = privileges_missing(0, complete);

    if (name == NULL || expected == NULL)
        return name == expected;
    return strstr(name, expected) != NULL;
}

static bool drop_everything(void)
{
    bool complete = privileges_complete();

    return !missing(NULL, complete) && privileges_drop(0) == 0 && missing("no-new-privileges", complete) &&
           privileges_no_new() == 0 && missing(NULL, complete);
}

static void gives_up_everything(void **state)
{
    (void)state;
    in_child(drop_everything);
}

static bool empty_bounding_set(void)
{
    for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
        if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
            return false;
    return true;
}

/* One after the other, by hand: what comes next is missed. */
static bool notice_one_by_one(void)
{
    return missing("secure bits", true) &&
           prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0) == 0 &&
           missing("bounding set", true) && empty_bounding_set() &&
           missing("absence of capabilities", true) && capability_set(0) == 0 && missing("dumpable", true);
}

static bool notice_dumpable(void)
{
    return privileges_drop(0) == 0 && privileges_no_new() == 0 && missing(NULL, false) &&
           prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 && missing("dumpable", false);
}

static void notices_what_is_missing(void **state)
{
    (void)state;
    in_child(notice_dumpable);
    if (privileges_complete())
        in_child(notice_one_by_one);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_up_everything),
        cmocka_unit_test(notices_what_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
