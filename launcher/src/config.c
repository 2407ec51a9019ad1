/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's own file: read once, checked, compiled into a table of fixed size, asked by every helper. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "folder.h"
#include "log.h"
#include "options.h"

enum {
    WORDS_MAX = 5, /* one more than the longest line may have */
    REPORTS_MAX = 20,
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
    bool good = true;

    end_client(p);
    p->in_client = true;
    p->client_line = p->line;
    p->client_rules = 0;
    if (count != 3) {
        wrong(p, "client", "expected `client UID DOMAIN` and nothing else");
        return;
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
    if (good)
        c->clients[c->client_count++] = (struct client){.uid = (uid_t)uid, .domain = words[2]};
}

static void take_allow(struct parser *p, char *const *words, size_t count)
{
    struct config *c = p->config;
    struct range range;

    p->client_rules++;
    if (!p->in_client)
        wrong(p, "allow", "expected a line `client` before it");
    if (count != 4) {
        wrong(p, "allow", "expected `allow DOMAIN RANGE ROOT` and nothing else");
        return;
    }
    if (!option_type_name(words[1]))
        wrong(p, words[1], "expected an SELinux type, such as shop_webapp_t");
    if (!range_parse(words[2], strlen(words[2]), &range))
        wrong(p, words[2],
              "expected a level, such as s0:c1,c5.c9, or two, the higher one last: s0-s0:c0.c99");
    if (!folder_is_plain(words[3], strlen(words[3])))
        wrong(p, words[3],
              "expected the absolute path of a folder, without `//`, `.`, `..` or a `/` at its end");
    if (c->rule_count == CONFIG_RULES_MAX) {
        wrong(p, "allow", "expected at most 512 lines `allow`");
        return;
    }
    /* After a mistake nobody asks the table; this keeps the client's index inside it. */
    if (p->good)
        c->rules[c->rule_count++] =
            (struct rule){.client = c->client_count - 1, .type = words[1], .range = range, .root = words[3]};
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

struct reports {
    const char *path;
    unsigned count;
};

static void log_report(void *context, unsigned line, const char *word, const char *expected)
{
    struct reports *r = context;

    if (++r->count > REPORTS_MAX)
        return;
    if (line > 0)
        log_line("%s:%u: [%.*s]: %s", r->path, line, 256, word, expected);
    else
        log_line("%s: [%.*s]: %s", r->path, 256, word, expected);
}

static int complain(const char *path, const char *what)
{
    log_line("%s: %s", path, what);
    return -1;
}

/* Whoever may write to the file, or may make another one of it, decides what the launcher allows. */
static int check_file(const char *path, int fd)
{
    struct stat s;

    if (fstat(fd, &s) < 0)
        return complain(path, strerror(errno));
    if (!S_ISREG(s.st_mode))
        return complain(path, "is not a regular file");
    if (s.st_uid != 0) {
        log_line("%s: belongs to user %u, not to root (chown root)", path, s.st_uid);
        return -1;
    }
    if ((s.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return complain(path, "its group or others may write to it (chmod go-w)");
    return 0;
}

/* Returns the length of the file, or -1 after having logged what is wrong. */
static ssize_t read_file(const char *path, int fd, char text[static CONFIG_OCTETS_MAX + 1])
{
    size_t used = 0;

    for (;;) {
        ssize_t n = read(fd, text + used, CONFIG_OCTETS_MAX + 1 - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain(path, strerror(errno));
        if (n == 0)
            return (ssize_t)used;
        used += (size_t)n;
        if (used > CONFIG_OCTETS_MAX)
            return complain(path, "is longer than 65536 octets");
    }
}

static int load(const char *path, int fd, struct config *c)
{
    struct reports reports = {.path = path};

    if (check_file(path, fd) < 0)
        return -1;
    ssize_t length = read_file(path, fd, c->text);
    if (length < 0)
        return -1;
    c->path = path;
    if (!config_parse(c, (size_t)length, log_report, &reports)) {
        if (reports.count > REPORTS_MAX)
            log_line("%s: %u more", path, reports.count - REPORTS_MAX);
        return -1;
    }
    return mprotect(c, sizeof *c, PROT_READ) < 0 ? complain(path, strerror(errno)) : 0;
}

int config_load(const char *path, const struct config **config)
{
    /* Not blocking, or a pipe in its place would hold up the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return complain(path, errno == ELOOP ? "is a symbolic link: name the file itself" : strerror(errno));
    void *memory =
        mmap(NULL, sizeof(struct config), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int r = memory == MAP_FAILED ? complain(path, strerror(errno)) : load(path, fd, memory);
    close(fd);
    if (r == 0)
        *config = memory;
    else if (memory != MAP_FAILED)
        munmap(memory, sizeof(struct config));
    return r;
}

int config_allows(const struct config *c, const struct peer *peer, const struct text *context,
                  const struct text *folder)
{
    size_t at = context_range_at(context->octets, context->length);
    struct range asked;
    bool known = range_parse(context->octets + at, context->length - at, &asked);
    bool plain = folder_is_plain(folder->octets, folder->length);
    int refusal = CONFIG_WRONG_TYPE;

    for (unsigned i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        if (!peer_is(peer, &c->clients[r->client]) ||
            !context_type_is(context->octets, context->length, r->type))
            continue;
        if (!known || !range_within(&asked, &r->range)) {
            if (refusal < CONFIG_WRONG_RANGE)
                refusal = CONFIG_WRONG_RANGE;
            continue;
        }
        if (plain && folder_within(folder->octets, folder->length, r->root))
            return 0;
        refusal = CONFIG_WRONG_ROOT;
    }
    return refusal;
}
