/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of config.c and allow.c, as far as they need no file; tests/allowing.c has the rest. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "allow.h"
#include "config_file.h"
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

static struct confine asked;
static struct identity identity;

static struct text text_of(const char *words)
{
    return (struct text){.octets = (char *)words, .length = strlen(words)};
}

static int asks(uid_t uid, const char *peer_context, const char *context, const char *folder)
{
    struct peer peer = {.uid = uid};
    struct confine_root root = {.folder = text_of(folder), .flags = PROTOCOL_ROOT_READ_ONLY};

    peer.context = peer_context;
    asked.context = text_of(context);
    return allow_root(&config, &peer, &asked, &root, &identity);
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
    assert_int_equal(asks(91, TOMCAT, "u:r:admin_t:s0", "/srv/shop"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop:s0:c1", "/srv/shop"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(91, TOMCAT, "shop_t", "/srv/shop"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c2", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1,c2", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1\n", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0-s0:c0.c1023", "/srv/shop"), ALLOW_WRONG_RANGE);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv"), ALLOW_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/"), ALLOW_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shopping"), ALLOW_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shox"), ALLOW_WRONG_ROOT);
    /* Domain, range and root must be of the same line. */
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/users"), ALLOW_WRONG_ROOT);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c100", "/srv/shop"), ALLOW_WRONG_ROOT);
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
        assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", bad[i]), ALLOW_WRONG_ROOT);
        assert_int_equal(asks(91, TOMCAT, "u:r:wiki_t:s0", bad[i]), ALLOW_WRONG_ROOT);
    }
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop/..."), 0);
    assert_int_equal(asks(91, TOMCAT, "u:r:shop_t:s0:c1", "/srv/shop/.a"), 0);
}

static void keeps_clients_apart(void **state)
{
    (void)state;
    assert_true(parse(two_clients));
    assert_int_equal(asks(92, OTHER, "u:r:shop_t:s0:c1", "/srv/shop"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(92, OTHER, "u:r:wiki_t:s0", "/srv"), ALLOW_WRONG_ROOT);
    assert_int_equal(asks(92, TOMCAT, "u:r:wiki_t:s0", "/srv/wiki"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(91, OTHER, "u:r:wiki_t:s0", "/srv/wiki"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(0, TOMCAT, "u:r:wiki_t:s0", "/srv/wiki"), ALLOW_WRONG_CONTEXT);
    /* One user in two domains; where the kernel does not tell the domain, the user counts alone. */
    assert_true(parse("client 1 a_t\nallow x_t s0 /x\nclient 1 b_t\nallow y_t s0 /y\n"));
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:x_t:s0", "/x"), 0);
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:y_t:s0", "/y"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(1, "u:r:b_t:s0", "u:r:y_t:s0", "/y"), 0);
    assert_int_equal(asks(1, "", "u:r:y_t:s0", "/y"), 0);
    assert_int_equal(asks(2, "", "u:r:y_t:s0", "/y"), ALLOW_WRONG_CONTEXT);
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
        {"client 1 a_t x\nallow x_t s0 /\n", "1:x "},
        {"client 1 a_t min-uid=0\nallow x_t s0 /\n", "1:min-uid=0 "},
        {"client 1 a_t min-uid=5 x\nallow x_t s0 /\n", "1:client "},
        {"client 1\nallow x_t s0 /\n", "1:client "},
        {"client tomcat a!t\nallow x_t s0 /\n", "1:tomcat 1:a!t "},
        {"client 4294967295 a_t\nallow x_t s0 /\n", "1:4294967295 "},
        {"client 1 a_t\nallow x_t s0 /\n\nclient 01 a_t\nallow x_t s0 /\n", "4:a_t "},
        {"client 1 a_t\nallow x_t s0\n", "2:allow "},
        {"client 1 a_t\nallow x_t s0 /srv /more\n", "2:/more "},
        {"client 1 a_t\nallow x_t s0 /srv a b c d e\n", "2:allow "},
        {"client 1 a_t\nallow x_t s0 /srv write write\n", "2:write "},
        {"client 1 a_t\nallow x_t s0 /srv user=a user=b\n", "2:user=b "},
        {"client 1 a_t\nallow x_t s0 /srv group=a group=b\n", "2:group=b "},
        {"client 1 a_t\nallow x_t s0 /srv user=root group=a,0,00 user\n", "2:root 2:0 2:00 2:user "},
        {"client 1 a_t\nallow x_t s0 /srv user= group=a,,b\n", "2: 2: "},
        {"client 1 a_t\nallow x_t s0 /srv capability=CAP_SETUID,CAP_CHOWN,cap_chown\n",
         "2:CAP_SETUID 2:cap_chown "},
        {"client 1 a_t\nallow u:r:x_t:s0 s0 /\nallow u:x_t s0 /\nallow u::x_t s0 /\n",
         "2:u:r:x_t:s0 3:u:x_t 4:u::x_t "},
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

static const char passwd[] = "root:x:0:0::/:\nshop:x:1500:1500::/:\nlow:x:500:500::/:\n";
static const char group[] = "root:x:0:\nweb:x:33:shop\nmail:x:8:\n";

static bool resolve(const char *text)
{
    const struct account_file users = {passwd, sizeof passwd - 1};
    const struct account_file groups = {group, sizeof group - 1};

    return parse(text) && config_resolve(&config, &users, &groups, note, &config);
}

static int asks_as(const char *user, const char *groups)
{
    asked.user = text_of(user);
    asked.group = text_of(groups);
    int r = asks(1, "u:r:a_t:s0", "u:r:x_t:s0", "/srv");
    asked.user = asked.group = text_of("");
    return r;
}

static void allows_the_users_and_groups_of_one_line(void **state)
{
    (void)state;
    assert_true(resolve("client 1 a_t\nallow x_t s0 /srv user=shop group=-,mail\n"));
    assert_int_equal(config_keeps_own_user(&config), 0);
    assert_true(config_switches(&config));
    assert_int_equal(asks_as("shop", ""), 0);
    assert_true(identity.user && identity.group);
    assert_int_equal(identity.uid, 1500);
    assert_int_equal(identity.gid, 1500);
    assert_int_equal(identity.group_count, 1);
    assert_int_equal(identity.groups[0], 33);
    assert_int_equal(asks_as("1500", "8"), 0);
    assert_int_equal(identity.gid, 8);
    assert_int_equal(asks_as("", ""), ALLOW_WRONG_USER);
    assert_int_equal(asks_as("low", ""), ALLOW_WRONG_USER);
    assert_int_equal(asks_as("root", ""), ALLOW_WRONG_USER);
    assert_int_equal(asks_as("0", ""), ALLOW_WRONG_USER);
    assert_int_equal(asks_as("shop", "web"), ALLOW_WRONG_GROUP);
    assert_int_equal(asks_as("shop", "shop"), ALLOW_WRONG_GROUP);

    assert_true(resolve("client 1 a_t min-uid=400\nallow x_t s0 /srv group=web\n"
                        "allow x_t s0 /srv user=-,low\n"));
    assert_int_equal(config_keeps_own_user(&config), 2);
    assert_int_equal(asks_as("", ""), 0);
    assert_false(identity.user || identity.group);
    assert_int_equal(asks_as("", "web"), 0);
    assert_false(identity.user);
    assert_true(identity.group);
    assert_int_equal(identity.group_count, 0);
    assert_int_equal(asks_as("low", ""), 0);
    /* Two lines never add up to a third. */
    assert_int_equal(asks_as("low", "web"), ALLOW_WRONG_GROUP);
}

static void names_each_account_that_is_none(void **state)
{
    (void)state;
    assert_false(
        resolve("client 1 a_t\nallow x_t s0 /srv user=low,nobody group=none\nallow x_t s0 / user=500\n"));
    assert_string_equal(reported, "2:low 2:nobody 2:none 3:500 ");
}

static void allows_a_whole_context_and_what_stands_behind_the_root(void **state)
{
    uint8_t names[64];
    struct writer w = {.start = names, .size = sizeof names};

    (void)state;
    assert_true(parse("client 1 a_t\nallow u:r:x_t s0 /srv write\nallow u:r:y_t s0 /srv "
                      "capability=CAP_CHOWN,CAP_FOWNER\n"));
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:x_t:s0", "/srv"), 0);
    assert_int_equal(asks(1, "u:r:a_t:s0", "v:r:x_t:s0", "/srv"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:s:x_t:s0", "/srv"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:x_tt:s0", "/srv"), ALLOW_WRONG_CONTEXT);
    assert_int_equal(asks(1, "u:r:a_t:s0", "u:r:x_t", "/srv"), ALLOW_WRONG_CONTEXT);

    struct peer peer = {.uid = 1, .context = "u:r:a_t:s0"};
    struct confine_root root = {.folder = text_of("/srv")};
    asked.context = text_of("u:r:x_t:s0");
    assert_int_equal(allow_root(&config, &peer, &asked, &root, &identity), 0);
    asked.context = text_of("u:r:y_t:s0");
    assert_int_equal(allow_root(&config, &peer, &asked, &root, &identity), ALLOW_WRONG_WRITE);

    put_string(&w, "CAP_FOWNER", 10);
    put_string(&w, "CAP_FSETID", 10);
    root.flags = PROTOCOL_ROOT_READ_ONLY;
    for (uint16_t count = 0; count <= 2; count++) {
        asked.capabilities = (struct confine_list){.octets = {.at = names, .left = w.used}, .count = count};
        assert_int_equal(allow_root(&config, &peer, &asked, &root, &identity),
                         count < 2 ? 0 : ALLOW_WRONG_CAPABILITY);
        if (count < 2)
            assert_int_equal(identity.capabilities, count << 3);
    }
    memcpy(names, "\0\3ALL", 5);
    asked.capabilities.count = 1;
    assert_int_equal(allow_root(&config, &peer, &asked, &root, &identity), ALLOW_WRONG_CAPABILITY);
    asked.capabilities.count = 0;
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
        cmocka_unit_test(allows_the_users_and_groups_of_one_line),
        cmocka_unit_test(names_each_account_that_is_none),
        cmocka_unit_test(allows_a_whole_context_and_what_stands_behind_the_root),
        cmocka_unit_test(refuses_a_nul),
        cmocka_unit_test(tables_have_limits),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
