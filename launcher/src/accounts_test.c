/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of accounts.c: which names become which numbers, and that none becomes root's. */
#include "accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
                             "toor:x:0:1:another:/:/bin/sh\n"
                             "broken\n"
                             "half:x:12\n"
                             ":x:2000:2000::/:\n"
                             "shop:x:1500:1500::/:\n"
                             "low:x:999:1500::/:\n"
                             "wheeled:x:1501:0::/:\n"
                             "member:x:1502:1502::/:\n"
                             "everywhere:x:1503:1503::/:\n"
                             "big:x:4294967295:1::/:\n"
                             "last:x:1504:1504";
static const char group[] = "root:x:0:member\n"
                            "shop:x:1500:shop\n"
                            "web:x:33:other,shop,shopper\n"
                            "mail:x:8:shopper,ashop\n"
                            "ops:x:44:shop\n"
                            "zero:x:00:\n";

static struct account_file file_of(const char *text)
{
    return (struct account_file){.octets = text, .length = strlen(text)};
}

static struct account user;

static const char *find(const char *name)
{
    struct account_file users = file_of(passwd);
    struct account_file groups = file_of(group);

    user = (struct account){.name = name};
    return accounts_find_user(&users, &groups, 1000, &user);
}

static void finds_a_user_with_his_groups(void **state)
{
    static const char *const names[] = {"shop", "1500", "01500"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_null(find(names[i]));
        assert_int_equal(user.uid, 1500);
        assert_int_equal(user.gid, 1500);
        assert_int_equal(user.group_count, 2);
        assert_int_equal(user.groups[0], 33);
        assert_int_equal(user.groups[1], 44);
    }
    assert_null(find("last"));
    assert_int_equal(user.gid, 1504);
    assert_int_equal(user.group_count, 0);
}

static void finds_nobody_who_is_root_or_too_low(void **state)
{
    static const char *const names[] = {"root",       "toor",   "0",       "000",  "low", "999",
                                        "wheeled",    "member", "",        "half", "big", "4294967295",
                                        "4294969296", "2000",   "nowhere", "-1",   "1 5", "broken"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(find(names[i]));
}

static void a_user_has_a_limit_of_groups(void **state)
{
    char many[4096] = "";
    struct account_file users = file_of(passwd);

    (void)state;
    for (unsigned i = 0; i < ACCOUNT_GROUPS_MAX + 1; i++) {
        struct account_file groups = file_of(many);
        user = (struct account){.name = "everywhere"};
        assert_null(accounts_find_user(&users, &groups, 1000, &user));
        assert_int_equal(user.group_count, i);
        sprintf(many + strlen(many), "g%u:x:%u:everywhere\n", i, 100 + i);
    }
    struct account_file groups = file_of(many);
    assert_non_null(accounts_find_user(&users, &groups, 1000, &user));
}

static void finds_a_group_but_roots(void **state)
{
    struct account_file groups = file_of(group);
    struct group_account found = {.name = "web"};

    (void)state;
    assert_null(accounts_find_group(&groups, &found));
    assert_int_equal(found.gid, 33);
    found.name = "44";
    assert_null(accounts_find_group(&groups, &found));
    assert_int_equal(found.gid, 44);
    static const char *const names[] = {"root", "0", "zero", "none", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        found.name = names[i];
        assert_non_null(accounts_find_group(&groups, &found));
    }
}

static void compares_as_name_or_as_number(void **state)
{
    (void)state;
    assert_true(accounts_is("shop", 1500, "shop", 4));
    assert_true(accounts_is("shop", 1500, "1500", 4));
    assert_true(accounts_is("1500", 1500, "1500", 4));
    assert_true(accounts_is("shop", 1500, "001500", 6));
    assert_false(accounts_is("shop", 1500, "sho", 3));
    assert_false(accounts_is("shop", 1500, "shopx", 5));
    assert_false(accounts_is("shop", 1500, "150", 3));
    assert_false(accounts_is("shop", 1500, "", 0));
    assert_false(accounts_is("shop", 1500, "18446744073709553116", 20));
    assert_true(accounts_is_root("root", 4));
    assert_true(accounts_is_root("0", 1));
    assert_true(accounts_is_root("0000000000000000000000", 22));
    assert_false(accounts_is_root("", 0));
    assert_false(accounts_is_root("10", 2));
    assert_false(accounts_is_root("rooty", 5));
}

/* Of the exact length, so that the address sanitizer sees one octet too many. */
static void never_reads_past_a_file_cut_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof passwd; cut++) {
        char *octets = malloc(cut);
        assert_non_null(octets);
        memcpy(octets, passwd, cut);
        struct account_file users = {octets, cut};
        struct account_file groups = {group, cut < sizeof group ? cut : sizeof group - 1};
        user = (struct account){.name = "last"};
        accounts_find_user(&users, &groups, 1000, &user);
        accounts_find_user(&groups, &users, 1, &user);
        free(octets);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_user_with_his_groups),
        cmocka_unit_test(finds_nobody_who_is_root_or_too_low),
        cmocka_unit_test(a_user_has_a_limit_of_groups),
        cmocka_unit_test(finds_a_group_but_roots),
        cmocka_unit_test(compares_as_name_or_as_number),
        cmocka_unit_test(never_reads_past_a_file_cut_anywhere),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
