/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of refusal.c: what owner, group and others may, and what must have been SELinux then. */
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol.h"
#include "testing.h"

enum { SOMEBODY = 12345, GROUP = 23456 };

static int folder = -1;

static int setup(void **state)
{
    static char path[] = "/tmp/refusal-test.XXXXXX";

    (void)state;
    if (mkdtemp(path) == NULL || chdir(path) < 0 || chmod(path, 0755) < 0 ||
        system("mkdir -m 755 open && mkdir -m 700 closed && touch open/all open/mine open/ours open/theirs "
               "closed/x && "
               "chmod 644 open/all && chmod 600 open/theirs && chmod 040 open/ours && chmod 077 open/mine") !=
            0)
        return -1;
    folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return geteuid() != 0 ? 0 : chown("open/mine", SOMEBODY, 0) | chown("open/ours", 0, GROUP);
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/refusal-test.??????");
}

static void only_refusals_have_somebody_behind_them(void **state)
{
    (void)state;
    assert_int_equal(refusal_of(0, true, folder, "open/all", R_OK), REFUSED_NOT);
    assert_int_equal(refusal_of(ENOENT, true, folder, "open/all", R_OK), REFUSED_NOT);
    assert_int_equal(refusal_of(EROFS, true, folder, "open/all", W_OK), REFUSED_NOT);
    assert_int_equal(refusal_of(EPERM, true, folder, "open/all", W_OK), REFUSED_UNIX);
}

static void tells_by_whom(void **state)
{
    static const gid_t group = GROUP;
    static const struct {
        const char *path;
        int wanted;
        bool selinux;
        uint16_t who;
    } cases[] = {
        {"open/all", R_OK, true, REFUSED_SELINUX},
        {"open/all", R_OK, false, REFUSED_UNKNOWN},
        {"open/all", W_OK, true, REFUSED_UNIX},
        {"open/theirs", R_OK, true, REFUSED_UNIX},
        {"open/mine", R_OK, true, REFUSED_UNIX},
        {"open/ours", R_OK, true, REFUSED_SELINUX},
        {"open/ours", W_OK, true, REFUSED_UNIX},
        {"closed/x", R_OK, true, REFUSED_UNIX},
        {"closed", R_OK, true, REFUSED_UNIX},
        {"open", R_OK | X_OK, true, REFUSED_SELINUX},
        {"open", W_OK | X_OK, true, REFUSED_UNIX},
        {"", R_OK, true, REFUSED_SELINUX},
        {"", W_OK, true, REFUSED_UNIX},
        {"open/gone", R_OK, true, REFUSED_UNKNOWN},
    };
    uint16_t got[sizeof cases / sizeof cases[0]];

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(setgroups(1, &group) | seteuid(SOMEBODY), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        got[i] = refusal_of(EACCES, cases[i].selinux, folder, cases[i].path, cases[i].wanted);
    assert_int_equal(seteuid(0) | setgroups(0, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(got[i], cases[i].who);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_refusals_have_somebody_behind_them),
        cmocka_unit_test(tells_by_whom),
    };

    return cmocka_run_group_tests_name("refusal", tests, setup, teardown);
}
