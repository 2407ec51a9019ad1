/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's own file: its lines, taken apart and compiled into a table of fixed size. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "capability.h"
#include "folder.h"
#include "options.h"

enum {
    WORDS_MAX = 9,   /* one more than the longest line may have */
    ALLOW_WORDS = 4, /* that each line `allow` has, before those that may follow */
    MIN_UID_DEFAULT = 1000,
    CONTEXT_FIELD_MAX = 255,
};

struct parser {
    struct config *config;
    config_report *report;
    void *context;
    unsigned line;
    unsigned client_line;
    unsigned client_rules;
    bool in_client; /* a line `client` has been seen, be it a wrong one */
    bool good;
};

static void wrong(struct parser *p, const char *word, const char *expected)
{
    p->good = false;
    p->report(p->context, p->line, word, expected);
}

/* What follows `name=` in a word, or NULL. */
static char *value_of(char *word, const char *name)
{
    size_t length = strlen(name);

    return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

/* Nobody could ask for anything: whoever wrote that meant something else. */
static void end_client(struct parser *p)
{
    unsigned line = p->line;

    if (p->in_client && p->client_rules == 0) {
        p->line = p->client_line;
        wrong(p, "client", "expected lines `allow` after it: without one it may ask for nothing");
        p->line = line;
    }
}

static void take_client(struct parser *p, char *const *words, size_t count)
{
    struct config *c = p->config;
    unsigned long uid = 0;
    unsigned long min_uid = MIN_UID_DEFAULT;
    bool good = true;

    end_client(p);
    p->in_client = true;
    p->client_line = p->line;
    p->client_rules = 0;
    if (count < 3 || count > 4) {
        wrong(p, "client", "expected `client UID DOMAIN [min-uid=UID]` and nothing else");
        return;
    }
    const char *least = count == 4 ? value_of(words[3], "min-uid") : NULL;
    if (count == 4 && (least == NULL || !option_number(least, UINT32_MAX - 1, &min_uid) || min_uid == 0)) {
        wrong(p, words[3], "expected min-uid= and a number from 1 on");
        good = false;
    }
    if (!option_number(words[1], UINT32_MAX - 1, &uid)) {
        wrong(p, words[1], "expected a numeric user id");
        good = false;
    }
    if (!option_type_name(words[2])) {
        wrong(p, words[2], "expected the SELinux type of the client, such as tomcat_t");
        good = false;
    }
    for (unsigned i = 0; good && i < c->client_count; i++)
        if (c->clients[i].uid == (uid_t)uid && strcmp(c->clients[i].domain, words[2]) == 0) {
            wrong(p, words[2], "expected each client once: this one is further up already");
            good = false;
        }
    if (good && c->client_count == CONFIG_CLIENTS_MAX) {
        wrong(p, "client", "expected at most 32 clients");
        good = false;
    }
    if (good) {
        c->min_uids[c->client_count] = (uid_t)min_uid;
        c->clients[c->client_count++] = (struct client){.uid = (uid_t)uid, .domain = words[2]};
    }
}

/* TYPE or USER:ROLE:TYPE, which stays in one piece. */
static bool context_is_plain(const char *word)
{
    unsigned fields = 1;
    char field[CONTEXT_FIELD_MAX + 1];

    for (;; fields++) {
        size_t length = strcspn(word, ":");
        if (length > CONTEXT_FIELD_MAX)
            return false;
        memcpy(field, word, length);
        field[length] = '\0';
        if (!option_type_name(field))
            return false;
        if (word[length] == '\0')
            return fields == 1 || fields == 3;
        word += length + 1;
    }
}

/* Takes the next name of a list with commas, in place; NULL behind the last. */
static char *next_name(char **list)
{
    char *name = *list;

    if (name == NULL)
        return NULL;
    char *comma = strchr(name, ',');
    if (comma != NULL)
        *comma++ = '\0';
    *list = comma;
    return name;
}

static bool take_own(struct parser *p, const char *name, struct choice *choice, unsigned count)
{
    if (strcmp(name, "-") == 0) {
        choice->own = true;
        return true;
    }
    if (*name == '\0' || accounts_is_root(name, strlen(name))) {
        wrong(p, name,
              *name == '\0' ? "expected a name between the commas"
                            : "expected another: nothing ever runs as root");
        return true;
    }
    if (count == CONFIG_ACCOUNTS_MAX) {
        wrong(p, name, "expected at most 512 users and 512 groups in the file");
        return true;
    }
    return false;
}

static void take_users(struct parser *p, struct rule *rule, char *list)
{
    struct config *c = p->config;
    char *name;

    rule->users = (struct choice){.first = c->user_count};
    while ((name = next_name(&list)) != NULL)
        if (!take_own(p, name, &rule->users, c->user_count)) {
            c->users[c->user_count++] = (struct account){.name = name};
            rule->users.count++;
        }
}

static void take_groups(struct parser *p, struct rule *rule, char *list)
{
    struct config *c = p->config;
    char *name;

    rule->groups = (struct choice){.first = c->group_count};
    while ((name = next_name(&list)) != NULL)
        if (!take_own(p, name, &rule->groups, c->group_count)) {
            c->groups[c->group_count++] = (struct group_account){.name = name};
            rule->groups.count++;
        }
}

static void take_capabilities(struct parser *p, struct rule *rule, char *list)
{
    char *name;

    while ((name = next_name(&list)) != NULL) {
        uint64_t bit = capability_of(name, strlen(name));
        if (bit == 0)
            wrong(p, name,
                  "expected CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER or CAP_FSETID");
        rule->capabilities |= bit;
    }
}

/* What may stand behind the root, each at most once. */
static void take_more(struct parser *p, struct rule *rule, char *const *words, size_t count)
{
    bool users = false;
    bool groups = false;

    for (size_t i = ALLOW_WORDS; i < count; i++) {
        char *value;
        if (strcmp(words[i], "write") == 0 && !rule->write) {
            rule->write = true;
        } else if ((value = value_of(words[i], "user")) != NULL && !users) {
            users = true;
            take_users(p, rule, value);
        } else if ((value = value_of(words[i], "group")) != NULL && !groups) {
            groups = true;
            take_groups(p, rule, value);
        } else if ((value = value_of(words[i], "capability")) != NULL && rule->capabilities == 0) {
            take_capabilities(p, rule, value);
        } else {
            wrong(p, words[i], "expected write, user=, group= or capability=, each once");
        }
    }
}

static void take_allow(struct parser *p, char *const *words, size_t count)
{
    struct config *c = p->config;
    struct rule rule = {.line = p->line, .users.own = true, .groups.own = true};

    p->client_rules++;
    if (!p->in_client)
        wrong(p, "allow", "expected a line `client` before it");
    if (count < ALLOW_WORDS || count == WORDS_MAX) {
        wrong(p, "allow",
              "expected `allow DOMAIN RANGE ROOT [write] [user=...] [group=...] [capability=...]` and "
              "nothing else");
        return;
    }
    if (!context_is_plain(words[1]))
        wrong(p, words[1], "expected an SELinux type, such as shop_webapp_t, or user:role:type");
    if (!range_parse(words[2], strlen(words[2]), &rule.range))
        wrong(p, words[2],
              "expected a level, such as s0:c1,c5.c9, or two, the higher one last: s0-s0:c0.c99");
    if (!folder_is_plain(words[3], strlen(words[3])))
        wrong(p, words[3],
              "expected the absolute path of a folder, without `//`, `.`, `..` or a `/` at its end");
    take_more(p, &rule, words, count);
    if (c->rule_count == CONFIG_RULES_MAX) {
        wrong(p, "allow", "expected at most 512 lines `allow`");
        return;
    }
    /* After a mistake nobody asks the table; this keeps the client's index inside it. */
    if (!p->good)
        return;
    rule.client = c->client_count - 1;
    rule.context = words[1];
    rule.root = words[3];
    c->capabilities |= rule.capabilities;
    c->rules[c->rule_count++] = rule;
}

/* Splits at blanks, in place. A word that begins with `#` and all behind it is a comment. */
static size_t split(char *line, char *words[static WORDS_MAX])
{
    size_t count = 0;

    for (;;) {
        line += strspn(line, " \t");
        if (*line == '\0' || *line == '#' || count == WORDS_MAX)
            return count;
        words[count++] = line;
        line += strcspn(line, " \t");
        if (*line != '\0')
            *line++ = '\0';
    }
}

static bool has_control(const char *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)octets[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static void take_line(struct parser *p, char *line, size_t length)
{
    char *words[WORDS_MAX];

    if (has_control(line, length)) {
        wrong(p, line, "expected no control characters (a line ends with a line feed alone)");
        return;
    }
    size_t count = split(line, words);
    if (count == 0)
        return;
    if (strcmp(words[0], "client") == 0)
        take_client(p, words, count);
    else if (strcmp(words[0], "allow") == 0)
        take_allow(p, words, count);
    else
        wrong(p, words[0], "expected `client` or `allow`");
}

bool config_parse(struct config *c, size_t length, config_report *report, void *context)
{
    struct parser p = {.config = c, .report = report, .context = context, .good = true};
    char *at = c->text;
    char *end = c->text + length;

    c->client_count = 0;
    c->rule_count = 0;
    c->user_count = 0;
    c->group_count = 0;
    c->capabilities = 0;
    while (at < end) {
        char *feed = memchr(at, '\n', (size_t)(end - at));
        if (feed == NULL)
            feed = end; /* one octet more than the longest file has its place there */
        *feed = '\0';
        p.line++;
        take_line(&p, at, (size_t)(feed - at));
        at = feed + 1;
    }
    end_client(&p);
    p.line = 0;
    if (!p.in_client)
        wrong(&p, "client", "expected at least one such line: nobody could connect");
    return p.good;
}

bool config_switches(const struct config *c)
{
    return c->user_count > 0 || c->group_count > 0 || c->capabilities != 0;
}

unsigned config_keeps_own_user(const struct config *c)
{
    for (unsigned i = 0; i < c->rule_count; i++)
        if (c->rules[i].users.own)
            return c->rules[i].line;
    return 0;
}
