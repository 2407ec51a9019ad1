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

/* Asks for numbers until they are these; returns how many lines with `other` were read meanwhile. */
static int expect_numbers(const struct stage *s, const char *words, const char *other)
{
    double before = now();
    char line[512] = "";
    int others = 0;

    while (now() - before < PATIENCE_S) {
        assert_int_equal(kill(s->launcher, SIGUSR1), 0);
        while (read_line(s->errors, line, sizeof line) && strstr(line, " helpers wait, ") == NULL)
            others += strstr(line, other) != NULL ? 1 : 0;
        if (strstr(line, words) != NULL)
            return others;
        pause_ms(10);
    }
    print_error("expected [%s], the last were [%s]\n", words, line);
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
    int fd = connected(s);
    assert_int_equal(client_confine(fd, &nowhere, &c, &reply), FAILED_ROOT);
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
    expect_numbers(
        s,
        "3 helpers wait, 0 at work; of 10 forked: 2 served, 1 refused, 0 met a stranger, 0 ran out of time, "
        "1 lost their client, 2 got a bad frame, 1 crashed, 0 died unused",
        "");
    fd = confined(s, NULL);
    expect_numbers(s, "3 helpers wait, 1 at work; of 11 forked:", "");
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
    expect_numbers(s, ", 3 met a stranger, ", "");
    stop(s);
}

static void counts_clients_that_are_late(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;

    start(s);
    request.progress_timeout = 50;
    int late = connected(s);
    assert_int_equal(client_confine(late, &request, &c, &reply), 0);
    int silent = connected(s);
    assert_closed(late);
    assert_closed(silent);
    expect_numbers(s, ", 2 ran out of time, ", "");
    stop(s);
}

/* Whoever makes helpers crash gets neither the log to himself, nor the launcher to wait before it forks. */
static void crashes_harm_nobody_else(void **state)
{
    enum { CRASHES = 100 };
    struct stage *s = *state;
    struct confined c;

    start_with(s, (const char *const[]){"--idle", "2", NULL});
    for (int i = 0; i < CRASHES; i++) {
        int fd = confined(s, &c);
        int other = confined(s, NULL);
        kill(c.pid, SIGSYS);
        assert_closed(fd);
        assert_int_equal(stat_of(other, "hello.txt").error, 0);
        close(other);
    }
    int lines =
        expect_numbers(s,
                       " 100 served, 0 refused, 0 met a stranger, 0 ran out of time, 0 lost their client, "
                       "0 got a bad frame, 100 crashed, 0 died unused",
                       " crashed: signal");
    assert_true(lines >= 5 && lines < CRASHES / 2);
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
    expect_numbers(s,
                   "4 helpers wait, 0 at work; of 64 forked: 20 served, 0 refused, 0 met a stranger, 40 ran "
                   "out of time, ",
                   "");
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
    expect_numbers(s,
                   "4 helpers wait, 0 at work; of 21 forked: 1 served, 0 refused, 0 met a stranger, 16 ran "
                   "out of time, ",
                   "");
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
