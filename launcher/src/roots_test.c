/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of roots.c: which root answers for a path. */
#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol.h"
#include "testing.h"

static struct root table[] = {
    {.mount = ""},
    {.mount = ""},
    {.mount = "/a/b"},
    {.mount = "/a/jar", .archive = "archive"},
    {.mount = "/deep/down/here"},
};
static const struct roots roots = {.root = table, .count = sizeof table / sizeof table[0]};

static int setup(void **state)
{
    static char folder[] = "/tmp/roots-test.XXXXXX";
    static const char *const folders[] = {"first", "second", "mounted", "box", "mounted"};

    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) < 0 ||
        system("mkdir -p first/a second/a/b second/only second/file mounted/x box && echo 1 >first/both && "
               "echo 22 >second/both && echo 22 >second/a/b/shadow && echo 333 >mounted/shadow && "
               "echo 333 >mounted/mine && echo 1 >first/file && echo 22 >second/file/x && ln -s both "
               "first/link && "
               "echo 22 >second/link && echo 4444 >box/archive && echo 4444 >box/other") != 0)
        return -1;
    for (size_t i = 0; i < roots.count; i++) {
        table[i].folder = open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (table[i].folder < 0)
            return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/roots-test.??????");
}

static struct found find(const char *path)
{
    struct found f;

    roots_stat(&roots, path, &f);
    assert_int_equal(f.fd, -1);
    return f;
}

static void is_at(const char *path, uint16_t root, uint16_t kind, uint64_t size)
{
    struct found f = find(path);

    assert_int_equal(f.error, 0);
    assert_int_equal(f.root, root);
    assert_int_equal(f.attributes.kind, kind);
    if (kind == KIND_FILE)
        assert_int_equal(f.attributes.size, size);
}

static void the_first_that_has_it_answers(void **state)
{
    (void)state;
    is_at("", 0, KIND_DIRECTORY, 0);
    is_at("both", 0, KIND_FILE, 2);
    is_at("only", 1, KIND_DIRECTORY, 0);
    is_at("a", 0, KIND_DIRECTORY, 0);
    is_at("a/b", 1, KIND_DIRECTORY, 0);
    is_at("a/b/shadow", 1, KIND_FILE, 3);
    is_at("a/b/mine", 2, KIND_FILE, 4);
    is_at("a/b/x", 2, KIND_DIRECTORY, 0);
    /* What is a file in one is a folder in the next. */
    is_at("file/x", 1, KIND_FILE, 3);
    /* A link does not exist. */
    is_at("link", 1, KIND_FILE, 3);
    assert_int_equal(find("nothing").error, ENOENT);
    assert_int_equal(find("mine").error, ENOENT);
}

static void an_archive_is_all_that_its_root_has(void **state)
{
    (void)state;
    is_at("a/jar", 3, KIND_FILE, 5);
    assert_true(files_absent(find("a/jar/other").error));
    assert_true(files_absent(find("a/jar/archive").error));
}

static void the_way_to_a_mount_is_there(void **state)
{
    (void)state;
    is_at("deep", 0, KIND_WAY, 0);
    is_at("deep/down", 0, KIND_WAY, 0);
    is_at("deep/down/here", 4, KIND_DIRECTORY, 0);
    is_at("deep/down/here/mine", 4, KIND_FILE, 4);
    assert_int_equal(find("deep/up").error, ENOENT);
}

static void what_is_denied_is_not_looked_for_elsewhere(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod("first", 0755) | chmod("first/both", 0600) | chmod("first/a", 0700), 0);
    assert_int_equal(seteuid(12345), 0);
    struct found both = find("both");
    struct found below = find("a/b/shadow");
    struct found nothing = find("nothing");
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(both.error, EACCES);
    assert_int_equal(both.refused, REFUSED_UNIX);
    assert_int_equal(both.root, 0);
    assert_int_equal(both.attributes.kind, 0);
    assert_int_equal(below.error, EACCES);
    assert_int_equal(below.refused, REFUSED_UNIX);
    assert_int_equal(nothing.error, ENOENT);
    assert_int_equal(nothing.refused, REFUSED_NOT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_has_it_answers),
        cmocka_unit_test(an_archive_is_all_that_its_root_has),
        cmocka_unit_test(the_way_to_a_mount_is_there),
        cmocka_unit_test(what_is_denied_is_not_looked_for_elsewhere),
    };

    return cmocka_run_group_tests_name("roots", tests, setup, teardown);
}
