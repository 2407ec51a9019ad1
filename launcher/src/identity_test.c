/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of identity.c: each step bites, and a step that only seems to have been done is noticed. */
#include "identity.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "capability.h"
#include "faking.h"

enum {
    TAKEN = 0,
    NOT_PREPARED = 90,
    UNKNOWN_STEP = 91,
};

static const gid_t further[] = {33, 44, 45};
static struct identity wanted;
static const char *failed_step;  /* that the child is expected to fail at */
static const char *status_lines; /* of /proc/self/status, once it is done */
static long faked;
static unsigned faked_argument;

static bool status_says(const char *lines)
{
    char octets[8192];
    char line[256];

    FILE *f = fopen("/proc/self/status", "re");
    if (f == NULL)
        return false;
    octets[fread(octets, 1, sizeof octets - 1, f)] = '\0';
    fclose(f);
    while (*lines != '\0') {
        size_t length = strcspn(lines, ";");
        snprintf(line, sizeof line, "\n%.*s", (int)length, lines);
        if (strstr(octets, line) == NULL) {
            fprintf(stderr, "expected [%s]\n", line + 1);
            return false;
        }
        lines += length + (lines[length] == ';');
    }
    return true;
}

static int take(void)
{
    const char *step = "";
    int death = 0;

    if (faked != 0 && fake(faked, faked_argument) < 0)
        return NOT_PREPARED;
    int r = identity_take(&wanted, getppid(), &step);
    if (failed_step != NULL) {
        if (r < 0 && strstr(step, failed_step) != NULL)
            return TAKEN;
        fprintf(stderr, "%d: [%s] instead of [%s]\n", r, step, failed_step);
        return UNKNOWN_STEP;
    }
    if (r < 0) {
        fprintf(stderr, "[%s]\n", step);
        return -r;
    }
    if (prctl(PR_GET_DUMPABLE) != 0 ||
        (wanted.user && (prctl(PR_GET_PDEATHSIG, &death) < 0 || death != SIGKILL)))
        return UNKNOWN_STEP;
    return status_says(status_lines) ? TAKEN : UNKNOWN_STEP;
}

/* As the launcher leaves its helpers. */
static int take_without_fixup(void)
{
    if (prctl(PR_SET_SECUREBITS, 1 << 2) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
        return NOT_PREPARED;
    return take();
}

static int prepare(void **state)
{
    (void)state;
    wanted = (struct identity){.user = true,
                               .group = true,
                               .uid = 1500,
                               .gid = 1501,
                               .groups = further,
                               .group_count = sizeof further / sizeof further[0]};
    failed_step = NULL;
    status_lines = "";
    faked = 0;
    faked_argument = 0;
    return 0;
}

static void needs_root(void)
{
    if (geteuid() != 0)
        skip();
}

static void becomes_somebody_else_wholly(void **state)
{
    (void)state;
    needs_root();
    status_lines = "Uid:\t1500\t1500\t1500\t1500;Gid:\t1501\t1501\t1501\t1501;Groups:\t33 44 45 ;"
                   "CapInh:\t0000000000000000;CapPrm:\t0000000000000000;CapEff:\t0000000000000000";
    assert_int_equal(in_child(take_without_fixup), TAKEN);
}

static void keeps_the_capabilities_that_were_asked_for_and_no_others(void **state)
{
    (void)state;
    needs_root();
    wanted.group_count = 0;
    wanted.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH;
    status_lines = "Uid:\t1500\t1500\t1500\t1500;Groups:\t ;"
                   "CapInh:\t0000000000000000;CapPrm:\t0000000000000004;CapEff:\t0000000000000004";
    assert_int_equal(in_child(take_without_fixup), TAKEN);
}

static void refuses_to_be_root(void **state)
{
    static const gid_t with_root[] = {33, 0};

    (void)state;
    needs_root();
    failed_step = "the user ids differ, or are root's";
    wanted.uid = 0;
    assert_int_equal(in_child(take_without_fixup), TAKEN);
    prepare(state);
    failed_step = "the group ids differ, or are root's";
    wanted.gid = 0;
    assert_int_equal(in_child(take_without_fixup), TAKEN);
    prepare(state);
    failed_step = "root's is among them";
    wanted.groups = with_root;
    wanted.group_count = 2;
    assert_int_equal(in_child(take_without_fixup), TAKEN);
    /* Nobody asked for another user, and this one is root. */
    prepare(state);
    wanted = (struct identity){0};
    failed_step = "the user ids differ, or are root's";
    assert_int_equal(in_child(take_without_fixup), TAKEN);
}

/* Where the kernel, or something in its place, says yes and does nothing. */
static void notices_what_was_not_done(void **state)
{
    static const struct {
        long call;
        unsigned argument;
        const char *step;
    } undone[] = {
        {SYS_setgroups, 0, "the further groups differ"},
        {SYS_setresgid, 0, "the group ids differ"},
        {SYS_setresuid, 0, "the user ids differ"},
        {SYS_capset, 0, "the capabilities differ"},
    };

    (void)state;
    needs_root();
    for (size_t i = 0; i < sizeof undone / sizeof undone[0]; i++) {
        prepare(state);
        faked = undone[i].call;
        faked_argument = undone[i].argument;
        failed_step = undone[i].step;
        assert_int_equal(in_child(take_without_fixup), TAKEN);
    }
}

static int take_as_nobody(void)
{
    if (syscall(SYS_setresgid, 65534, 65534, 65534) < 0 || syscall(SYS_setresuid, 65534, 65534, 65534) < 0)
        return NOT_PREPARED;
    return take();
}

static void fails_without_the_right_to(void **state)
{
    (void)state;
    needs_root();
    failed_step = "setgroups";
    assert_int_equal(in_child(take_as_nobody), TAKEN);
    wanted.group = false;
    failed_step = "setresuid";
    assert_int_equal(in_child(take_as_nobody), TAKEN);
    wanted.user = false;
    wanted.capabilities = UINT64_C(1) << CAP_CHOWN;
    failed_step = "capset";
    assert_int_equal(in_child(take_as_nobody), TAKEN);
}

static int take_with_another_parent(void)
{
    const char *step = "";

    return identity_take(&wanted, 1, &step) < 0 && strcmp(step, "death with the launcher") == 0
               ? TAKEN
               : UNKNOWN_STEP;
}

static int take_while_dumpable(void)
{
    if (syscall(SYS_setresgid, 65534, 65534, 65534) < 0 || syscall(SYS_setresuid, 65534, 65534, 65534) < 0)
        return NOT_PREPARED;
    return prctl(PR_SET_DUMPABLE, 1) < 0 ? NOT_PREPARED : take();
}

static void notices_that_it_can_be_looked_into(void **state)
{
    (void)state;
    needs_root();
    wanted = (struct identity){0};
    failed_step = "dumpable";
    assert_int_equal(in_child(take_while_dumpable), TAKEN);
}

static void does_not_outlive_its_parent(void **state)
{
    (void)state;
    needs_root();
    assert_int_equal(in_child(take_with_another_parent), TAKEN);
}

static void knows_no_capability_but_those_for_files(void **state)
{
    (void)state;
    assert_int_equal(capability_of("CAP_CHOWN", 9), 1);
    assert_int_equal(capability_of("CAP_DAC_READ_SEARCH", 19), 4);
    assert_int_equal(capability_of("CAP_DAC_READ_SEARCH", 18), 0);
    static const char *const never[] = {
        "CAP_SETUID", "CAP_SETGID",    "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_KILL", "CAP_SETPCAP",
        "CAP_MKNOD",  "CAP_MAC_ADMIN", "CAP_SETFCAP",   "CAP_SYS_MODULE", "",         "CAP_"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_int_equal(capability_of(never[i], strlen(never[i])), 0);
}

static void tells_two_accounts_of_one_user_apart(void **state)
{
    (void)state;
    static const gid_t others[] = {33, 44, 46};
    struct identity a = {
        .user = true, .group = true, .uid = 1, .gid = 2, .groups = further, .group_count = 3};
    struct identity b = a;

    assert_true(identity_same(&a, &b));
    b.groups = others;
    assert_false(identity_same(&a, &b));
    b = a;
    b.gid = 3;
    assert_false(identity_same(&a, &b));
    b = a;
    b.capabilities = 1;
    assert_false(identity_same(&a, &b));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(becomes_somebody_else_wholly, prepare),
        cmocka_unit_test_setup(keeps_the_capabilities_that_were_asked_for_and_no_others, prepare),
        cmocka_unit_test_setup(refuses_to_be_root, prepare),
        cmocka_unit_test_setup(notices_what_was_not_done, prepare),
        cmocka_unit_test_setup(fails_without_the_right_to, prepare),
        cmocka_unit_test_setup(notices_that_it_can_be_looked_into, prepare),
        cmocka_unit_test_setup(does_not_outlive_its_parent, prepare),
        cmocka_unit_test(tells_two_accounts_of_one_user_apart),
        cmocka_unit_test(knows_no_capability_but_those_for_files),
    };

    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
