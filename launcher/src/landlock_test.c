/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of landlock.c: after it, each root can be used for what it is for, and that is all. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"
#include "roots.h"
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
    struct root table[] = {
        {.folder = open("top", O_PATH | O_DIRECTORY | O_CLOEXEC), .flags = PROTOCOL_ROOT_READ_ONLY},
        {.folder = open("write", O_PATH | O_DIRECTORY | O_CLOEXEC)},
        {.file = open("box/archive", O_PATH | O_CLOEXEC),
         .flags = PROTOCOL_ROOT_READ_ONLY,
         .archive = "archive"},
    };
    const struct roots roots = {.root = table, .count = 3};

    int version = landlock_version();
    int rules = landlock_rules(version);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_confine(version, rules, &roots) != 0)
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
    if (try("write/in", O_WRONLY) != 0 || try("write/new", O_WRONLY | O_CREAT) != 0)
        return 8;
    if (rename("write/new", "write/renamed") != 0 || mkdir("write/folder", 0700) != 0)
        return 9;
    if (unlink("write/renamed") != 0 || rmdir("write/folder") != 0)
        return 10;
    if (symlink("in", "write/link") == 0 || mkfifo("write/fifo", 0600) == 0)
        return 11;
    if (rename("write/in", "top/moved") == 0 || link("top/in", "write/linked") == 0)
        return 12;
    if (try("box/archive", O_RDONLY) != 0)
        return 13;
    if (try("box/archive", O_WRONLY) != EACCES || try("box/other", O_RDONLY) != EACCES)
        return 14;
    return 0;
}

static int setup(void **state)
{
    static char folder[] = "/tmp/landlock-test.XXXXXX";

    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) < 0 ||
           system("mkdir top write box && echo >top/in && echo >out && echo >write/in && echo >box/archive "
                  "&& echo >box/other") != 0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/landlock-test.??????");
}

static void leaves_each_root_what_it_is_for(void **state)
{
    (void)state;
    if (landlock_version() == 0)
        skip();
    assert_int_equal(in_child(confined), 0);
}

static void fails_without_rules(void **state)
{
    static const struct roots none = {0};

    (void)state;
    if (landlock_version() == 0)
        skip();
    assert_int_equal(landlock_confine(landlock_version(), -1, &none), -EBADF);
}

static void fails_on_a_root_that_is_none(void **state)
{
    static const struct root none = {.folder = -1};
    static const struct roots roots = {.root = &none, .count = 1};

    (void)state;
    if (landlock_version() == 0)
        skip();
    int version = landlock_version();
    assert_int_equal(landlock_confine(version, landlock_rules(version), &roots), -EBADF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_each_root_what_it_is_for),
        cmocka_unit_test(fails_without_rules),
        cmocka_unit_test(fails_on_a_root_that_is_none),
    };

    return cmocka_run_group_tests_name("landlock", tests, setup, teardown);
}
