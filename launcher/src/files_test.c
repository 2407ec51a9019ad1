/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of files.c: what may be at the end of a path. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "protocol.h"
#include "testing.h"

static char folder[] = "/tmp/files-test.XXXXXX";
static int root = -1;

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) < 0)
        return -1;
    return system("mkdir -p top/a/b && echo hi >top/a/b/c && echo no >outside && ln -s ../outside top/up && "
                  "ln -s a top/link && ln -s b top/a/link && mkfifo top/fifo && mkdir top/'...' && echo "
                  ">top/a/'..x'") |
           files_open_root(strcat(strcpy((char[64]){0}, folder), "/top"), &root);
}

static int teardown(void **state)
{
    (void)state;
    close(root);
    return chdir("/") | system("rm -rf /tmp/files-test.??????");
}

static int try(const char *path, struct attributes *a)
{
    int fd = -1;

    int r = files_open(root, path, &fd, a);
    if (r == 0)
        close(fd);
    return r;
}

static void opens_files_and_folders(void **state)
{
    struct attributes a;

    (void)state;
    assert_int_equal(try("a/b/c", &a), 0);
    assert_int_equal(a.kind, KIND_FILE);
    assert_int_equal(a.size, 3);
    assert_int_equal(try("a/b", &a), 0);
    assert_int_equal(a.kind, KIND_DIRECTORY);
    assert_int_equal(try("", &a), 0);
    assert_int_equal(a.kind, KIND_DIRECTORY);
    assert_int_equal(try("...", &a), 0);
    assert_int_equal(try("a/..x", &a), 0);
}

static void does_not_leave_the_root(void **state)
{
    struct attributes a;

    (void)state;
    assert_int_equal(try("../outside", &a), ENOENT);
    assert_int_equal(try("/etc/passwd", &a), ENOENT);
}

static void hides_links_and_fifos(void **state)
{
    static const char *const paths[] = {"up", "link", "link/b", "a/link/c", "fifo"};
    struct attributes a;

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(try(paths[i], &a), ENOENT);
    assert_int_equal(try("a/b/c/d", &a), ENOTDIR);
}

/* To open a FIFO lets its writer go on, and a device may do anything then. */
static void opens_nothing_but_files_and_folders(void **state)
{
    static const char *const names[] = {"fifo", "device"};
    char path[128];
    char events[4096];
    struct attributes a;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/top/%s", folder, names[i]);
        if (i == 1 && mknod(path, S_IFCHR | 0644, makedev(1, 3)) < 0)
            continue;
        int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
        assert_int_equal(try(names[i], &a), ENOENT);
        assert_int_equal(read(watch, events, sizeof events), -1);
        assert_int_equal(errno, EAGAIN);
        /* So it would have been noticed. */
        int opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(opened < 0 || read(watch, events, sizeof events) > 0);
        close(opened);
        close(watch);
    }
}

static void opens_no_root_behind_a_link(void **state)
{
    char path[64];
    int fd = -1;

    (void)state;
    snprintf(path, sizeof path, "%s/top/link", folder);
    assert_int_equal(files_open_root(path, &fd), ELOOP);
    snprintf(path, sizeof path, "%s/top/link/b", folder);
    assert_int_equal(files_open_root(path, &fd), ELOOP);
    snprintf(path, sizeof path, "%s/top/a/b/c", folder);
    assert_int_equal(files_open_root(path, &fd), ENOTDIR);
    snprintf(path, sizeof path, "%s/top/a/b", folder);
    assert_int_equal(files_open_root(path, &fd), 0);
    close(fd);
}

static int stop_at_once(void *context, const char *name)
{
    (void)name;
    ++*(int *)context;
    return -ECANCELED;
}

static void ends_a_walk_when_asked(void **state)
{
    static struct files_memory memory;
    int calls = 0;
    int fd = -1;

    (void)state;
    assert_int_equal(files_open_folder(root, "", O_RDONLY, &fd), 0);
    assert_int_equal(files_walk(fd, &memory, stop_at_once, &calls), -ECANCELED);
    assert_int_equal(calls, 1);
    close(fd);
}

static void looks_at_names_in_an_open_folder(void **state)
{
    struct attributes a;
    int fd = -1;

    (void)state;
    assert_int_equal(files_open_folder(root, "a", O_RDONLY, &fd), 0);
    assert_int_equal(files_look(fd, "b", &a), 0);
    assert_int_equal(a.kind, KIND_DIRECTORY);
    assert_int_equal(files_look(fd, "link", &a), ENOENT);
    assert_int_equal(files_look(fd, "nothing", &a), ENOENT);
    close(fd);
    assert_int_equal(files_open_folder(root, "a/b/c", O_RDONLY, &fd), ENOTDIR);
    assert_int_equal(files_open_folder(root, "link", O_RDONLY, &fd), ENOENT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_files_and_folders),
        cmocka_unit_test(does_not_leave_the_root),
        cmocka_unit_test(hides_links_and_fifos),
        cmocka_unit_test(opens_nothing_but_files_and_folders),
        cmocka_unit_test(opens_no_root_behind_a_link),
        cmocka_unit_test(ends_a_walk_when_asked),
        cmocka_unit_test(looks_at_names_in_an_open_folder),
    };

    return cmocka_run_group_tests_name("files", tests, setup, teardown);
}
