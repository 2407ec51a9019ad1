/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that crash their helpers, say nothing, or come in crowds, and those that must be served beside
 * them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

/* What the launcher says of its helpers, in its order. */
struct numbers {
    unsigned waiting;
    unsigned at_work;
    unsigned forked;
    unsigned served;
    unsigned refused;
    unsigned strangers;
    unsigned late;
    unsigned gone;
    unsigned bad;
    unsigned crashed;
    unsigned unused;
};

static bool parse(const char *line, struct numbers *n)
{
    const char *from = strstr(line, ": ");

    return from != NULL &&
           sscanf(from,
                  ": %u helpers wait, %u at work; of %u forked: %u served, %u refused, %u met a stranger, %u "
                  "ran out of time, %u lost their client, %u got a bad frame, %u crashed, %u died unused",
                  &n->waiting, &n->at_work, &n->forked, &n->served, &n->refused, &n->strangers, &n->late,
                  &n->gone, &n->bad, &n->crashed, &n->unused) == 11;
}

/* A client that a busy machine kept waiting has had another helper: one that ran out of time is one more
 * forked. */
static bool same(struct numbers n, const struct numbers *expected)
{
    if (n.late < expected->late)
        return false;
    n.forked -= n.late - expected->late;
    n.late = expected->late;
    return memcmp(&n, expected, sizeof n) == 0;
}

/* Asks for numbers until they are these; returns how many lines with `other` were read meanwhile. */
static int expect_numbers(const struct stage *s, const struct numbers *expected, const char *other)
{
    double before = now();
    struct numbers n;
    char line[512] = "";
    int others = 0;

    while (now() - before < PATIENCE_S) {
        assert_int_equal(kill(s->launcher, SIGUSR1), 0);
        while (read_line(s->errors, line, sizeof line) && !parse(line, &n))
            others += other != NULL && strstr(line, other) != NULL ? 1 : 0;
        if (parse(line, &n) && same(n, expected))
            return others;
        pause_ms(10);
    }
    print_error("the last were [%s]\n", line);
    fail();
    return others;
}

static void tells_in_numbers_what_became_of_helpers(void **state)
{
    struct stage *s = *state;
    struct confine_request nowhere = client_request("u:r:t:s0", "/nowhere");
    struct confined c;

    start_with(s, (const char *const[]){"--idle", "3", NULL});
    close(confined(s, NULL));
    close(confined(s, NULL));
    int fd = confined_as(s, &nowhere, &c, FAILED_ROOT);
    close(fd);
    fd = confined(s, NULL);
    assert_int_equal(client_send(fd, REQUEST_CONFINE, "", 0), 0);
    assert_closed(fd);
    close(connected(s));
    fd = connected(s);
    assert_int_equal(client_send(fd, REQUEST_STAT, "", 0), 0);
    assert_closed(fd);
    fd = confined(s, &c);
    kill(c.pid, SIGSYS);
    assert_closed(fd);
    struct numbers expected = {
        .waiting = 3, .forked = 10, .served = 2, .refused = 1, .gone = 1, .bad = 2, .crashed = 1};
    expect_numbers(s, &expected, NULL);
    fd = confined(s, NULL);
    expected.at_work = 1;
    expected.forked = 11;
    expect_numbers(s, &expected, NULL);
    close(fd);
    stop(s);
}

static void counts_strangers(void **state)
{
    struct stage *s = *state;

    if (geteuid() != 0)
        skip();
    start_with(s, (const char *const[]){"--client-uid", "12345", NULL});
    for (int i = 0; i < 3; i++)
        assert_closed(connected(s));
    expect_numbers(s, &(const struct numbers){.waiting = 8, .forked = 11, .strangers = 3}, NULL);
    stop(s);
}

static void counts_clients_that_are_late(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;

    start(s);
    request.progress_timeout = 50;
    int late = confined_as(s, &request, &c, 0);
    int silent = connected(s);
    assert_closed(late);
    assert_closed(silent);
    expect_numbers(s, &(const struct numbers){.waiting = 8, .forked = 10, .late = 2}, NULL);
    stop(s);
}

/* Whoever makes helpers crash gets neither the log to himself, nor the launcher to wait before it forks. */
static void crashes_harm_nobody_else(void **state)
{
    enum { CRASHES = 100 };
    struct stage *s = *state;
    struct confined c;

    start_with(s, (const char *const[]){"--idle", "2", NULL});
    double before = now();
    for (int i = 0; i < CRASHES; i++) {
        int fd = confined(s, &c);
        int other = confined(s, NULL);
        kill(c.pid, SIGSYS);
        assert_closed(fd);
        assert_int_equal(stat_of(other, "hello.txt").error, 0);
        close(other);
    }
    const struct numbers expected = {
        .waiting = 2, .forked = 2 + 2 * CRASHES, .served = CRASHES, .crashed = CRASHES};
    int lines = expect_numbers(s, &expected, " crashed: signal");
    /* Five at once, and five more for each ten seconds that have passed. */
    assert_true(lines >= 5 && lines <= 5 * (2 + (int)((now() - before) / 10)));
    stop(s);
}

static void connections_that_say_nothing_keep_nobody_waiting(void **state)
{
    enum { SILENT = 40 };
    struct stage *s = *state;
    int silent[SILENT];

    start_with(s, (const char *const[]){"--idle", "4", "--max", "100", NULL});
    for (int i = 0; i < SILENT; i++)
        silent[i] = connected(s);
    for (int i = 0; i < 20; i++) {
        int fd = confined(s, NULL);
        assert_int_equal(stat_of(fd, "hello.txt").error, 0);
        close(fd);
    }
    for (int i = 0; i < SILENT; i++)
        assert_closed(silent[i]);
    expect_numbers(s, &(const struct numbers){.waiting = 4, .forked = 64, .served = 20, .late = SILENT},
                   NULL);
    stop(s);
}

/* Not even where they have every helper that there may be. */
static void connections_that_say_nothing_give_their_helpers_back(void **state)
{
    enum { SILENT = 16 };
    struct stage *s = *state;
    int silent[SILENT];

    start_with(s, (const char *const[]){"--idle", "4", "--max", "8", NULL});
    for (int i = 0; i < SILENT; i++)
        silent[i] = connected(s);
    int fd = confined(s, NULL);
    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    close(fd);
    for (int i = 0; i < SILENT; i++)
        assert_closed(silent[i]);
    expect_numbers(s, &(const struct numbers){.waiting = 4, .forked = 21, .served = 1, .late = SILENT}, NULL);
    stop(s);
}

int run_crowded(void);

int run_crowded(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(tells_in_numbers_what_became_of_helpers),
        STAGED(counts_strangers),
        STAGED(counts_clients_that_are_late),
        STAGED(crashes_harm_nobody_else),
        STAGED(connections_that_say_nothing_keep_nobody_waiting),
        STAGED(connections_that_say_nothing_give_their_helpers_back),
    };

    return cmocka_run_group_tests_name("crowded", tests, NULL, NULL);
}
