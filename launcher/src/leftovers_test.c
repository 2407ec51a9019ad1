/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of leftovers.c: the living keep theirs, the dead's are swept. */
#include "leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

static int folder = -1;

static int setup(void **state)
{
    static char path[] = "/tmp/leftovers-test.XXXXXX";

    (void)state;
    if (mkdtemp(path) == NULL || chdir(path) < 0)
        return -1;
    folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/leftovers-test.??????");
}

/* A folder is read once, from its beginning. */
static void sweep(void)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    leftovers_sweep(fd);
    close(fd);
}

static bool exists(const char *name)
{
    return access(name, F_OK) == 0;
}

static void a_living_one_is_kept_and_a_dead_one_swept(void **state)
{
    char name[LEFTOVER_NAME];
    int fd = -1;

    (void)state;
    assert_int_equal(leftovers_make(folder, name, &fd), 0);
    assert_true(path_name_reserved(name));
    assert_int_equal(write(fd, "x", 1), 1);
    sweep();
    assert_true(exists(name));
    close(fd);
    sweep();
    assert_false(exists(name));
}

static void the_lock_dies_with_its_process(void **state)
{
    char name[LEFTOVER_NAME] = "";
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = -1;
        if (leftovers_make(folder, name, &fd) != 0 || write(fds[1], name, sizeof name) != sizeof name)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(fds[0], name, sizeof name), sizeof name);
    sweep();
    assert_true(exists(name));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    sweep();
    assert_false(exists(name));
    close(fds[0]);
    close(fds[1]);
}

static void nothing_else_is_swept(void **state)
{
    static const char *const names[] = {"file", ".tomcat-selinux", "x.tomcat-selinux-1",
                                        ".tomcat-selinux-folder"};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        close(open(names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    assert_int_equal(mkdir(names[3], 0755), 0);
    assert_int_equal(symlink("file", ".tomcat-selinux-link"), 0);
    sweep();
    for (size_t i = 0; i < 4; i++)
        assert_true(exists(names[i]));
    assert_true(exists(".tomcat-selinux-link"));
}

/* Many at once in one folder, each of which sweeps: nobody's file may go. */
static void nobody_sweeps_what_somebody_has_just_made(void **state)
{
    enum { PROCESSES = 4, ROUNDS = 200 };
    pid_t pids[PROCESSES];
    int status;

    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        for (int round = 0; round < ROUNDS; round++) {
            char name[LEFTOVER_NAME];
            int fd = -1;
            sweep();
            if (leftovers_make(folder, name, &fd) != 0 || !exists(name) || unlink(name) != 0)
                _exit(1);
            close(fd);
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}

static void says_why_there_is_none(void **state)
{
    char name[LEFTOVER_NAME];
    int fd = -1;

    (void)state;
    assert_int_equal(leftovers_make(-1, name, &fd), EBADF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_living_one_is_kept_and_a_dead_one_swept),
        cmocka_unit_test(the_lock_dies_with_its_process),
        cmocka_unit_test(nothing_else_is_swept),
        cmocka_unit_test(nobody_sweeps_what_somebody_has_just_made),
        cmocka_unit_test(says_why_there_is_none),
    };

    return cmocka_run_group_tests_name("leftovers", tests, setup, teardown);
}
