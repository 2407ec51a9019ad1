/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of config.c, as far as they need no file; tests/allowing.c has the rest. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "protocol.h"
#include "testing.h"

static struct config config;
static char reported[4096];
static unsigned reports;

static void note(void *context, unsigned line, const char *word, const char *expected)
{
    size_t used = strlen(reported);

    assert_ptr_equal(context, &config);
    assert_true(strlen(expected) > 0);
    reports++;
    snprintf(reported + used, sizeof reported - used, "%u:%s ", line, word);
}

static bool parse(const char *text)
{
    size_t length = strlen(text);

    assert_true(length <= CONFIG_OCTETS_MAX);
    memcpy(config.text, text, length);
    reported[0] = '\0';
    reports = 0;
    return config_parse(&config, length, note, &config);
}

static int asks(uid_t uid, const char *peer_context, const char *context, const char *folder)
{
    struct peer peer = {.uid = uid};
    struct text c = {.octets = (char *)context, .length = strlen(context)};
    struct text f = {.octets = (char *)folder, .length = strlen(folder)};

    strcpy(peer.context, peer_context);
    return config_allows(&config, &peer, &c, &f);
}

static const char two_clients[] = "# who may ask for what\n"
                                  "\n"
                                  "client 91 tomcat_t\n"
                                  "\tallow shop_t  s0:c1  /srv/shop  # the shop\n"
                                  "allow shop_t s0-s0:c100.c199 /srv/users\n"
                                  "allow wiki_t s0 /\n"
                                  "client 92 other_t #\n"
                                  "allow wiki_t s0 /srv/wiki"; /* no line feed */

#define TOMCAT "system_u:system_r:tomcat_t:s0"
#define OTHER  "system_u:system_r:other_t:s0"

static void compiles_a_file(void **state)
{
    (void)state;
    assert_true(parse(two_clients));
    assert_int_equal(reports, 0);
    assert_int_equal(config.client_count, 2);
    assert_int_equal(config.clients[1].uid, 92);
    assert_string_equal(config.clients[1].domain, "other_t");
    assert_int_equal(config.rule_count, 4);
    assert_string_equal(config.rules[0].root, "/srv/shop");
    assert_int_equal(config.rules[2].client, 0);
    assert_int_equal(config.rules[3].client, 1);
    assert_string_equal(config.rules[3].root, "/srv/wiki");
}

static void allows_what_one_line_allows(void **state)
{
    (void)state;
    assert_true(parse(two_clients));
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop"), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop/a/b"), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c150", "/srv/users/x"), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0", "/"), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0", "/etc"), 0);
    assert_int_equal(asks(92, OTHER, "u:r:wiki_t:s0", "/srv/wiki"), 0);
}

static void refuses_what_no_line_allows(void **state)
{
    (void)state;
    assert_true(parse(two_clients));
    assert_int_equal(asks(91, TOMCAT, "u:r:admin_t:s0", "/srv/shop"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop:s0:c1", "/srv/shop"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(91, TOMCAT, "shop_t", "/srv/shop"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c2", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1,c2", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1\n", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0-s0:c0.c1023", "/srv/shop"), CONFIG_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv"), CONFIG_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/"), CONFIG_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shopping"), CONFIG_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shox"), CONFIG_WRONG_ROOT);
    /* Domain, range and root must be of the same line. */
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/users"), CONFIG_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c100", "/srv/shop"), CONFIG_WRONG_ROOT);
}

static void refuses_a_root_that_has_another_name(void **state)
{
    static const char *const bad[] = {
        "/srv/shop/",  "/srv/shop/../users", "/srv/shop/..", "/srv//shop", "//srv/shop",
        "/srv/./shop", "/srv/shop/.",        "srv/shop",     "",
    };

    (void)state;
    assert_true(parse(two_clients));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", bad[i]), CONFIG_WRONG_ROOT);
        assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0", bad[i]), CONFIG_WRONG_ROOT);
    }
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop/..."), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop/.a"), 0);
}

static void keeps_clients_apart(void **state)
{
    (void)state;
    assert_true(parse(two_clients));
    assert_int_equal(asks(92, OTHER, "u:r:shop_t:s0:c1", "/srv/shop"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(92, OTHER, "u:r:wiki_t:s0", "/srv"), CONFIG_WRONG_ROOT);
    assert_int_equal(asks(92, TOMCAT, "u:r:wiki_t:s0", "/srv/wiki"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(91, OTHER, "u:r:wiki_t:s0", "/srv/wiki"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(0, TOMCAT, "u:r:wiki_t:s0", "/srv/wiki"), CONFIG_WRONG_TYPE);
    /* One user in two domains; where the kernel does not tell the domain, the user counts alone. */
    assert_true(parse("client 1 a_t\nallow x_t s0 /x\nclient 1 b_t\nallow y_t s0 /y\n"));
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:x_t:s0", "/x"), 0);
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:y_t:s0", "/y"), CONFIG_WRONG_TYPE);
    assert_int_equal(asks(1, "u:r:b_t:s0", "u:r:y_t:s0", "/y"), 0);
    assert_int_equal(asks(1, "", "u:r:y_t:s0", "/y"), 0);
    assert_int_equal(asks(2, "", "u:r:y_t:s0", "/y"), CONFIG_WRONG_TYPE);
}

static void names_line_and_word_of_each_mistake(void **state)
{
    static const struct {
        const char *text;
        const char *reported;
    } bad[] = {
        {"", "0:client "},
        {"# nothing\n\n", "0:client "},
        {"client 1 a_t\n", "1:client "},
        {"client 1 a_t\nclient 2 b_t\nallow x_t s0 /\n", "1:client "},
        {"allow x_t s0 /\n", "1:allow 0:client "},
        {"allow x_t s0 /\nclient 1 a_t\n", "1:allow 2:client "},
        {"client 1 a_t x\nallow x_t s0 /\n", "1:client "},
        {"client 1\nallow x_t s0 /\n", "1:client "},
        {"client tomcat a!t\nallow x_t s0 /\n", "1:tomcat 1:a!t "},
        {"client 4294967295 a_t\nallow x_t s0 /\n", "1:4294967295 "},
        {"client 1 a_t\nallow x_t s0 /\n\nclient 01 a_t\nallow x_t s0 /\n", "4:a_t "},
        {"client 1 a_t\nallow x_t s0\n", "2:allow "},
        {"client 1 a_t\nallow x_t s0 /srv /more\n", "2:allow "},
        {"client 1 a_t\nallow x_t s0 /srv a b c d\n", "2:allow "},
        {"client 1 a_t\nallow x:t s0:c1024 srv\n", "2:x:t 2:s0:c1024 2:srv "},
        {"client 1 a_t\nallow x_t s0 /srv/\nallow x_t s0 /a//b\nallow x_t s0 /..\n",
         "2:/srv/ 3:/a//b 4:/.. "},
        {"client 1 a_t\nallow x_t s0 /\ndeny x_t\nClient\n", "3:deny 4:Client "},
        {"client 1 a_t\r\nallow x_t s0 /\n", "1:client 1 a_t\r 2:allow 0:client "},
        {"client 1 a_t\nallow x_t s0 /\33\n", "2:allow x_t s0 /\33 1:client "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(parse(bad[i].text));
        assert_string_equal(reported, bad[i].reported);
    }
}

static void refuses_a_nul(void **state)
{
    static const char text[] = "client 1 a_t\nallow x_t s0 /\0/etc\n";

    (void)state;
    memcpy(config.text, text, sizeof text);
    reported[0] = '\0';
    assert_false(config_parse(&config, sizeof text - 1, note, &config));
    assert_string_equal(reported, "2:allow x_t s0 / 1:client ");
}

static void tables_have_limits(void **state)
{
    static char text[CONFIG_OCTETS_MAX + 1];
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < CONFIG_CLIENTS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "client %u a_t\nallow x_t s0 /\n", i);
    assert_true(parse(text));
    assert_int_equal(config.client_count, CONFIG_CLIENTS_MAX);
    snprintf(text + used, sizeof text - used, "client 99 a_t\nallow x_t s0 /\n");
    assert_false(parse(text));
    assert_string_equal(reported, "65:client ");

    used = (size_t)snprintf(text, sizeof text, "client 1 a_t\n");
    for (unsigned i = 0; i < CONFIG_RULES_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "allow x_t s0 /\n");
    assert_true(parse(text));
    assert_int_equal(config.rule_count, CONFIG_RULES_MAX);
    snprintf(text + used, sizeof text - used, "allow x_t s0 /\n");
    assert_false(parse(text));
    assert_string_equal(reported, "514:allow ");

    /* The longest file, whose last line has no line feed. */
    used = (size_t)snprintf(text, sizeof text, "client 1 a_t\nallow x_t s0 /\n#");
    memset(text + used, 'x', CONFIG_OCTETS_MAX - used);
    assert_true(parse(text));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiles_a_file),
        cmocka_unit_test(allows_what_one_line_allows),
        cmocka_unit_test(refuses_what_no_line_allows),
        cmocka_unit_test(refuses_a_root_that_has_another_name),
        cmocka_unit_test(keeps_clients_apart),
        cmocka_unit_test(names_line_and_word_of_each_mistake),
        cmocka_unit_test(refuses_a_nul),
        cmocka_unit_test(tables_have_limits),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
