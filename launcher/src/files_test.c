/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of files.c: what a path may be, and what may be at its end. */
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
    /* As in a frame: the length before it, and nothing behind it. */
    size_t length = strlen(path);
    char *octets = malloc(2 + length);
    assert_non_null(octets);
    memcpy(octets + 2, path, length);
    struct text t = {.octets = octets + 2, .length = length};
    int fd = -1;

    int r = files_open(root, &t, &fd, a);
    if (r == 0)
        close(fd);
    free(octets);
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

static void knows_no_way_up_and_no_detour(void **state)
{
    static const char *const paths[] = {".",    "..",    "/",      "/a",         "a/",
                                        "a//b", "a/./b", "a/../a", "../outside", "a/b/.."};
    struct attributes a;

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(try(paths[i], &a), ENOENT);
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

static void takes_the_longest_path_and_no_longer(void **state)
{
    char path[PATH_OCTETS_MAX + 2];
    struct attributes a;

    (void)state;
    for (size_t i = 0; i < sizeof path - 1; i++)
        path[i] = i % 2 == 0 ? 'x' : '/';
    path[PATH_OCTETS_MAX] = '\0';
    assert_int_equal(strlen(path), PATH_OCTETS_MAX);
    assert_int_equal(try(path, &a), ENOENT);
    path[PATH_OCTETS_MAX] = 'x';
    path[PATH_OCTETS_MAX + 1] = '\0';
    assert_int_equal(try(path, &a), ENAMETOOLONG);
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

static int stop_at_once(void *context, const char *name, size_t length, const struct attributes *a)
{
    (void)name;
    (void)length;
    (void)a;
    ++*(int *)context;
    return -ECANCELED;
}

static void ends_a_walk_when_asked(void **state)
{
    char octets[4] = {0};
    struct text t = {.octets = octets + 2, .length = 0};
    int calls = 0;

    (void)state;
    assert_int_equal(files_list(root, &t, stop_at_once, &calls), -ECANCELED);
    assert_int_equal(calls, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_files_and_folders),
        cmocka_unit_test(knows_no_way_up_and_no_detour),
        cmocka_unit_test(hides_links_and_fifos),
        cmocka_unit_test(opens_nothing_but_files_and_folders),
        cmocka_unit_test(takes_the_longest_path_and_no_longer),
        cmocka_unit_test(opens_no_root_behind_a_link),
        cmocka_unit_test(ends_a_walk_when_asked),
    };

    return cmocka_run_group_tests_name("files", tests, setup, teardown);
}
