/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of options.c. */
#include "options.h"

#include <getopt.h>
#include <unistd.h>

#include "testing.h"

static int parse(struct options *o, const char **argv)
{
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    optind = 0;
    return options_parse(o, argc, (char **)argv);
}

static void has_defaults(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", NULL}), 0);
    assert_string_equal(o.socket, "/s");
    assert_string_equal(o.client_domain, "tomcat_t");
    assert_int_equal(o.client_uid, geteuid());
    assert_int_equal(o.idle, 8);
    assert_int_equal(o.max, 256);
    assert_false(o.child);
    assert_false(o.not_enforcing);
    assert_null(o.config);
    assert_false(o.programs);
}

static void takes_values(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(
        parse(&o, (const char *[]){"l", "--socket=/s", "--child", "--not-enforcing", "--client-domain", "x_t",
                                   "--client-uid", "4294967294", "--idle", "4096", "--max", "4096", NULL}),
        0);
    assert_string_equal(o.client_domain, "x_t");
    assert_true(o.client_uid == 4294967294U);
    assert_int_equal(o.idle, 4096);
    assert_int_equal(o.max, 4096);
    assert_true(o.child);
    assert_true(o.not_enforcing);
}

static void refuses_wrong_values(void **state)
{
    struct options o;

    (void)state;
    static const char *const wrong[][2] = {
        {"--idle", "0"},
        {"--idle", "-1"},
        {"--idle", "x"},
        {"--idle", ""},
        {"--idle", "4097"},
        {"--max", "99999999999999"},
        {"--client-uid", "-1"},
        {"--client-uid", "4294967295"},
        {"--client-uid", "1 "},
        {"--client-domain", ""},
        {"--client-domain", "a b"},
        {"--idle", "257"},
        {"--way", "both"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", wrong[i][0], wrong[i][1], NULL}),
                         -1);
    assert_int_equal(parse(&o, (const char *[]){"l", NULL}), -1);
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "", NULL}), -1);
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", NULL}), -1);
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", "more", NULL}), -1);
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", "--wrong", NULL}), -1);
}

static void has_one_way(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", "--way", "programs", NULL}), 0);
    assert_true(o.programs);
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", "--way", "files", NULL}), 0);
    assert_false(o.programs);
}

static void takes_clients_from_one_place(void **state)
{
    struct options o;

    (void)state;
    assert_int_equal(parse(&o, (const char *[]){"l", "--socket", "/s", "--config", "/c", NULL}), 0);
    assert_string_equal(o.config, "/c");
    assert_int_equal(
        parse(&o, (const char *[]){"l", "--socket", "/s", "--config", "/c", "--client-uid", "0", NULL}), -1);
    assert_int_equal(
        parse(&o, (const char *[]){"l", "--socket", "/s", "--client-domain", "x_t", "--config", "/c", NULL}),
        -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(takes_values),
        cmocka_unit_test(refuses_wrong_values),
        cmocka_unit_test(has_one_way),
        cmocka_unit_test(takes_clients_from_one_place),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
