/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of likeness.c: what a new file is given, and what must be the same without. */
#include "likeness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "testing.h"

#define ACL "system.posix_acl_access"

static int old = -1;
static int new = -1;

/* user::rw- user:12345:r-- group::r-- mask::r-- other::--- as the kernel takes it. */
static const uint8_t acl[] = {2, 0,    0,    0,    1,    0,    6,  0, 0xff, 0xff, 0xff, 0xff, 2,    0,   4,
                              0, 0x39, 0x30, 0,    0,    4,    0,  4, 0,    0xff, 0xff, 0xff, 0xff, 16,  0,
                              4, 0,    0xff, 0xff, 0xff, 0xff, 32, 0, 0,    0,    0xff, 0xff, 0xff, 0xff};

static int setup(void **state)
{
    static char folder[] = "/tmp/likeness-test.XXXXXX";

    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) < 0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/likeness-test.??????");
}

static int make_files(void **state)
{
    (void)state;
    old = open("old", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    new = open("new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return old < 0 || new < 0;
}

static int remove_files(void **state)
{
    (void)state;
    return close(old) | close(new) | unlink("old") | unlink("new");
}

static void alike_is_alike(void **state)
{
    (void)state;
    assert_true(likeness_holds(new, old));
    likeness_make(new, old);
    assert_true(likeness_holds(new, old));
}

static void the_mode_is_given(void **state)
{
    struct stat s;

    (void)state;
    assert_int_equal(fchmod(old, 0604), 0);
    assert_false(likeness_holds(new, old));
    likeness_make(new, old);
    assert_true(likeness_holds(new, old));
    assert_int_equal(fstat(new, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0604);
}

static void no_file_gets_more_than_permissions(void **state)
{
    struct stat s;

    (void)state;
    assert_int_equal(fchmod(old, 04755), 0);
    likeness_make(new, old);
    assert_false(likeness_holds(new, old));
    assert_int_equal(fstat(new, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0755);
}

static void the_group_is_given_and_the_owner_not(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(fchown(old, (uid_t)-1, 12345), 0);
    assert_false(likeness_holds(new, old));
    likeness_make(new, old);
    assert_true(likeness_holds(new, old));
    assert_int_equal(fchown(old, 12345, (gid_t)-1), 0);
    likeness_make(new, old);
    assert_false(likeness_holds(new, old));
}

static void the_acl_is_given(void **state)
{
    (void)state;
    if (fsetxattr(old, ACL, acl, sizeof acl, 0) < 0) {
        assert_int_equal(errno, EOPNOTSUPP);
        skip();
    }
    assert_false(likeness_holds(new, old));
    likeness_make(new, old);
    assert_true(likeness_holds(new, old));
    /* What the folder gave the new one, and the old one does not have. */
    assert_int_equal(fremovexattr(old, ACL), 0);
    likeness_make(new, old);
    assert_false(likeness_holds(new, old));
}

static void the_label_is_not(void **state)
{
    static const char label[] = "u:object_r:t:s0:c1";

    (void)state;
    if (fsetxattr(old, "security.selinux", label, sizeof label, 0) < 0)
        skip();
    likeness_make(new, old);
    assert_false(likeness_holds(new, old));
    assert_int_equal(fsetxattr(new, "security.selinux", "u:object_r:t:s0:c2", sizeof label, 0), 0);
    assert_false(likeness_holds(new, old));
    assert_int_equal(fsetxattr(new, "security.selinux", label, sizeof label, 0), 0);
    assert_true(likeness_holds(new, old));
}

static void what_cannot_be_told_does_not_hold(void **state)
{
    (void)state;
    assert_false(likeness_holds(-1, old));
    assert_false(likeness_holds(new, -1));
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(alike_is_alike),
        WITH_FILES(the_mode_is_given),
        WITH_FILES(no_file_gets_more_than_permissions),
        WITH_FILES(the_group_is_given_and_the_owner_not),
        WITH_FILES(the_acl_is_given),
        WITH_FILES(the_label_is_not),
        WITH_FILES(what_cannot_be_told_does_not_hold),
    };

    return cmocka_run_group_tests_name("likeness", tests, setup, teardown);
}
