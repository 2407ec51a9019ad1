/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of landlock.c: after it, the root can be read, and that is all. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

static int in_child(int (*what)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(what());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int try(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    return fd < 0 ? errno : 0;
}

/* Returns 0 or the number of the line that is wrong. */
static int confined(void)
{
    int root = open("top", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_confine(landlock_version(), root) != 0)
        return 1;
    if (try("top/in", O_RDONLY) != 0)
        return 2;
    if (try("out", O_RDONLY) != EACCES)
        return 3;
    if (try("/etc/passwd", O_RDONLY) != EACCES)
        return 4;
    if (try("top/in", O_WRONLY) != EACCES)
        return 5;
    if (try("top/new", O_WRONLY | O_CREAT) != EACCES)
        return 6;
    if (unlink("top/in") == 0)
        return 7;
    return 0;
}

static int setup(void **state)
{
    static char folder[] = "/tmp/landlock-test.XXXXXX";

    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) < 0 ||
           system("mkdir top && echo >top/in && echo >out") != 0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/landlock-test.??????");
}

static void leaves_only_reading_below_the_root(void **state)
{
    (void)state;
    if (landlock_version() == 0)
        skip();
    assert_int_equal(in_child(confined), 0);
}

static void reports_a_kernel_without_it(void **state)
{
    (void)state;
    assert_int_equal(landlock_confine(0, -1), LANDLOCK_ABSENT);
}

static void fails_on_a_root_that_is_none(void **state)
{
    (void)state;
    if (landlock_version() == 0)
        skip();
    assert_int_equal(landlock_confine(landlock_version(), -1), -EBADF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_only_reading_below_the_root),
        cmocka_unit_test(reports_a_kernel_without_it),
        cmocka_unit_test(fails_on_a_root_that_is_none),
    };

    return cmocka_run_group_tests_name("landlock", tests, setup, teardown);
}
