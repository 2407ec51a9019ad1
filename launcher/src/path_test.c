/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of path.c: what a path may be, and where it lies. */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"
#include "testing.h"

/* As in a frame, on the heap: the length before it, and nothing behind it. Returns the error, 0 for none. */
static int take(const char *path, size_t length)
{
    char *octets = malloc(2 + length);
    int error = -1;

    assert_non_null(octets);
    memcpy(octets + 2, path, length);
    struct text t = {.octets = octets + 2, .length = length};
    const char *taken = path_take(&t, EINVAL, &error);
    assert_int_equal(taken == NULL, error != 0);
    if (taken != NULL)
        assert_string_equal(taken, path);
    free(octets);
    return error;
}

static void takes_names_that_are_names(void **state)
{
    static const char *const good[] = {"",      "a",       "a/b",          "...",
                                       "a/..x", ".hidden", "a b/\xff\x01", ".tomcat-selinux"};
    static const char *const bad[] = {"/",     ".",      "..",  "/a",   "a/",  "a//b",
                                      "a/./b", "a/../a", "../", "a/..", "./a", "a/."};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(take(good[i], strlen(good[i])), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(take(bad[i], strlen(bad[i])), ENOENT);
}

static void keeps_names_for_uploads_to_itself(void **state)
{
    static const char *const bad[] = {".tomcat-selinux-", ".tomcat-selinux-1", "a/.tomcat-selinux-x/b"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(take(bad[i], strlen(bad[i])), EINVAL);
    assert_true(path_name_reserved(".tomcat-selinux-12-34"));
    assert_false(path_name_reserved(".tomcat-selinuy-"));
    assert_false(path_name_reserved("x.tomcat-selinux-"));
}

static void takes_the_longest_path_and_no_longer(void **state)
{
    char path[PATH_OCTETS_MAX + 2];

    (void)state;
    memset(path, 'x', sizeof path);
    path[PATH_OCTETS_MAX + 1] = '\0';
    assert_int_equal(take(path, PATH_OCTETS_MAX + 1), ENAMETOOLONG);
    path[PATH_OCTETS_MAX] = '\0';
    assert_int_equal(take(path, PATH_OCTETS_MAX), 0);
}

static void finds_what_is_below_a_mount(void **state)
{
    (void)state;
    assert_string_equal(path_below("a/b", ""), "a/b");
    assert_string_equal(path_below("", ""), "");
    assert_string_equal(path_below("a/b", "/a/b"), "");
    assert_string_equal(path_below("a/b/c/d", "/a/b"), "c/d");
    assert_null(path_below("a/bc", "/a/b"));
    assert_null(path_below("a", "/a/b"));
    assert_null(path_below("", "/a"));
    assert_null(path_below("b/a/b", "/a/b"));
}

static void towards(const char *path, const char *mount, const char *expected)
{
    size_t length = 0;
    const char *next = path_towards(path, mount, &length);

    if (expected == NULL) {
        assert_null(next);
        return;
    }
    assert_non_null(next);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(next, expected, length);
}

static void knows_the_way_to_a_mount(void **state)
{
    (void)state;
    towards("", "/a/b", "a");
    towards("a", "/a/b", "b");
    towards("a", "/a/bcd/e", "bcd");
    towards("a/b", "/a/b", NULL);
    towards("a/b/c", "/a/b", NULL);
    towards("ab", "/a/b", NULL);
    towards("a", "/ab/c", NULL);
    towards("", "", NULL);
}

static void splits_off_the_last_name(void **state)
{
    char path[] = "a/b/c";
    char name[] = "name";
    const char *folder = NULL;

    (void)state;
    assert_string_equal(path_split(path, &folder), "c");
    assert_string_equal(folder, "a/b");
    assert_string_equal(path_split(name, &folder), "name");
    assert_string_equal(folder, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_names_that_are_names),
        cmocka_unit_test(keeps_names_for_uploads_to_itself),
        cmocka_unit_test(takes_the_longest_path_and_no_longer),
        cmocka_unit_test(finds_what_is_below_a_mount),
        cmocka_unit_test(knows_the_way_to_a_mount),
        cmocka_unit_test(splits_off_the_last_name),
    };

    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
