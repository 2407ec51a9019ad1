/* SPDX-License-Identifier: Apache-2.0 */
/* Compares HTTP servers: those of one group take turns, so that what else the machine does falls on all of
 * them. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

enum {
    SERVERS_MAX = 24,
    REQUEST_MAX = 512,
    VARIANTS_MAX = 100000,
    THREADS_MAX = 64,
    ROUNDS_MAX = 99,
    SAMPLES_MAX = 1 << 16, /* of a thread in a round */
};

/* One server in one way of asking it. */
struct server {
    char name[64];
    uint16_t port;
    struct exchange *variants; /* of what is asked, in turns */
    int variants_count;
    int next; /* variant */
    double rates[ROUNDS_MAX];   /* answers a second */
    double medians[ROUNDS_MAX]; /* microseconds of one request */
    double tails[ROUNDS_MAX];   /* 99th percentile, the same */
    unsigned failures;
};

struct worker {
    pthread_t thread;
    const struct server *server;
    int number; /* among those that ask at a time */
    bool kept;
    double start;
    double end;
    double interval;   /* between requests, whether the one before was answered or not; 0: one after the other */
    uint32_t *samples; /* nanoseconds */
    size_t count;
    unsigned failures;
};

static struct server servers[SERVERS_MAX];
static int count;
static const char *subject;
static const char *where; /* the measurement was made */
static char group[64];
static bool kept;
static bool old; /* HTTP/1.0, where the end of the connection ends an answer without a length */
static int concurrency;
static int rounds;
static double seconds;
static double pace; /* requests a second of all connections; 0: as many as they can */
static FILE *report;
static unsigned failures;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* At most what a sample holds, four seconds. */
static uint32_t nanoseconds(double seconds_passed)
{
    return seconds_passed * 1e9 < UINT32_MAX ? (uint32_t)(seconds_passed * 1e9) : UINT32_MAX;
}

static void wait_until(double time)
{
    struct timespec t = {.tv_sec = (time_t)time, .tv_nsec = (long)((time - (double)(time_t)time) * 1e9)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct connection connection = {.fd = -1};
    int variant = (w->server->next + w->number) % w->server->variants_count;

    double due = w->start;
    double before = now();
    do {
        if (w->interval > 0) {
            /* What comes late has waited: its time begins when it was due (no coordinated omission). */
            wait_until(due);
            before = due;
            due += w->interval;
        }
        bool good = http_ask(&connection, w->server->port, &w->server->variants[variant], w->kept);
        double after = now();
        variant = (variant + concurrency) % w->server->variants_count;
        if (!good)
            w->failures++;
        else if (w->count < SAMPLES_MAX)
            w->samples[w->count++] = nanoseconds(after - before);
        before = after;
    } while (before < w->end);
    http_close(&connection);
    return NULL;
}

static int ascending_samples(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run(struct server *s, int round, double duration)
{
    static uint32_t samples[THREADS_MAX * SAMPLES_MAX];
    struct worker workers[THREADS_MAX];
    size_t total = 0;

    double start = now();
    for (int i = 0; i < concurrency; i++) {
        workers[i] = (struct worker){
            .server = s, .number = i, .kept = kept, .end = start + duration, .samples = samples + (size_t)i * SAMPLES_MAX};
        workers[i].interval = pace > 0 ? concurrency / pace : 0;
        workers[i].start = start + (pace > 0 ? i / pace : 0);
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < concurrency; i++) {
        pthread_join(workers[i].thread, NULL);
        memmove(samples + total, workers[i].samples, workers[i].count * sizeof samples[0]);
        total += workers[i].count;
        s->failures += workers[i].failures;
    }
    s->next = (int)((size_t)s->next + total) % s->variants_count;
    s->rates[round] = (double)total / (now() - start);
    qsort(samples, total, sizeof samples[0], ascending_samples);
    s->medians[round] = total > 0 ? samples[total / 2] / 1e3 : 0;
    s->tails[round] = total > 0 ? samples[total * 99 / 100] / 1e3 : 0;
}

struct spread {
    double least, middle, most;
};

static struct spread spread_of(const double values[static ROUNDS_MAX])
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, values, (size_t)rounds * sizeof sorted[0]);
    qsort(sorted, (size_t)rounds, sizeof sorted[0], ascending);
    return (struct spread){sorted[0], sorted[rounds / 2], sorted[rounds - 1]};
}

static void tell_failures(struct server *s)
{
    if (s->failures > 0)
        fprintf(stderr, "load: %s: %s: %u requests failed\n", group, s->name, s->failures);
    failures += s->failures;
    s->failures = 0;
}

static void measure(double duration)
{
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++)
            run(&servers[(i + round) % count], round, duration);
    printf("\n%s: %d rounds of %.1f s\n  %-52s %10s %10s %10s %7s\n", group, rounds, duration, "", "req/s",
           "p50 us", "p99 us", "failed");
    for (int i = 0; i < count; i++) {
        printf("  %-52s %10.0f %10.1f %10.1f %7u\n", servers[i].name, spread_of(servers[i].rates).middle,
               spread_of(servers[i].medians).middle, spread_of(servers[i].tails).middle, servers[i].failures);
        tell_failures(&servers[i]);
    }
}

static void warm(double duration)
{
    for (int i = 0; i < count; i++) {
        run(&servers[i], 0, duration);
        tell_failures(&servers[i]);
    }
}

static const struct server *find(const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(servers[i].name, name) == 0)
            return &servers[i];
    fprintf(stderr, "load: no server is called %s\n", name);
    exit(64);
}

static void row(const char *ours_name, const char *unit, const char *peer_name, double ours, double peer,
                struct spread value, double target, bool at_most)
{
    bool met = at_most ? value.middle <= target : value.middle >= target;

    printf("  %-44s : %-30s %5.2f (%.2f to %.2f)", ours_name, peer_name, value.middle, value.least, value.most);
    if (target > 0)
        printf(", target %s%.2f %s", at_most ? "at most " : "", target, met ? "met" : "MISSED");
    printf("\n");
    fflush(stdout);
    fprintf(report,
            "{\"name\": \"%s, %s: %s\", \"where\": \"%s\", \"unit\": \"%s\", \"ours\": %.1f, \"peer\": "
            "%.1f, \"peer_name\": \"%s\", \"ratio\": %.3f, \"min\": %.3f, \"max\": %.3f",
            subject, group, ours_name, where, unit, ours, peer, peer_name, value.middle, value.least, value.most);
    if (target > 0)
        fprintf(report, ", \"target\": %.2f, \"met\": %s}\n", target, met ? "true" : "false");
    else
        fprintf(report, ", \"target\": null, \"met\": null}\n");
}

/* Ratios of rounds, not of medians: what disturbed one round disturbed both in it. */
static void compare(const char *ours_name, const char *peer_name, double target)
{
    const struct server *ours = find(ours_name);
    const struct server *peer = find(peer_name);
    double ratios[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++)
        ratios[i] = ours->rates[i] / peer->rates[i];
    row(ours_name, "requests/s", peer_name, spread_of(ours->rates).middle, spread_of(peer->rates).middle,
        spread_of(ratios), target, false);
}

/* The slowest hundredth of requests that come at a fixed rate, whether those before were answered or not. */
static void tail(const char *ours_name, const char *peer_name, double target)
{
    const struct server *ours = find(ours_name);
    const struct server *peer = find(peer_name);
    double ratios[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++)
        ratios[i] = ours->tails[i] / peer->tails[i];
    row(ours_name, "us, 99th percentile", peer_name, spread_of(ours->tails).middle, spread_of(peer->tails).middle,
        spread_of(ratios), target, true);
}

/* The median of one request. */
static void slower(const char *ours_name, const char *peer_name, double target)
{
    const struct server *ours = find(ours_name);
    const struct server *peer = find(peer_name);
    double ratios[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++)
        ratios[i] = ours->medians[i] / peer->medians[i];
    row(ours_name, "us, median", peer_name, spread_of(ours->medians).middle, spread_of(peer->medians).middle,
        spread_of(ratios), target, true);
}

/* What ours adds to the median of a request of another, in microseconds. */
static void added(const char *ours_name, const char *without_name, double target)
{
    const struct server *ours = find(ours_name);
    const struct server *without = find(without_name);
    double differences[ROUNDS_MAX];
    char peer[80];

    for (int i = 0; i < rounds; i++)
        differences[i] = ours->medians[i] - without->medians[i];
    snprintf(peer, sizeof peer, "us more than %s", without_name);
    row(ours_name, "us", peer, spread_of(ours->medians).middle, spread_of(without->medians).middle,
        spread_of(differences), target, true);
}

/* The same as a multiple of what a peer adds to it. */
static void times(const char *ours_name, const char *without_name, const char *peer_name, double target)
{
    const struct server *ours = find(ours_name);
    const struct server *without = find(without_name);
    const struct server *peer = find(peer_name);
    double ratios[ROUNDS_MAX];
    char name[80];

    for (int i = 0; i < rounds; i++)
        ratios[i] = (ours->medians[i] - without->medians[i]) / (peer->medians[i] - without->medians[i]);
    snprintf(name, sizeof name, "what %s adds", peer_name);
    row(ours_name, "us", name, spread_of(ours->medians).middle, spread_of(peer->medians).middle, spread_of(ratios),
        target, true);
}

static void encode_base64(char *to, const char *from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t left = strlen(from); left > 0; to += 4) {
        size_t n = left < 3 ? left : 3;
        unsigned long octets = 0;
        for (size_t i = 0; i < 3; i++)
            octets = octets << 8 | (i < n ? (unsigned char)from[i] : 0);
        for (size_t i = 0; i < 4; i++)
            to[i] = i <= n ? digits[octets >> (18 - 6 * i) & 63] : '=';
        to[4] = '\0';
        from += n;
        left -= n;
    }
}

/* The text, with a number in place of its `#`, if there is one. */
static void number_in(char *to, size_t size, const char *from, int number)
{
    const char *mark = strchr(from, '#');

    if (mark == NULL)
        snprintf(to, size, "%s", from);
    else
        snprintf(to, size, "%.*s%d%s", (int)(mark - from), from, number, mark + 1);
}

static struct exchange make_variant(int number, char *fields[static 8])
{
    bool upload = strcmp(fields[0], "upload") == 0;
    char host[64];
    char path[128];
    char login[64];
    char authorization[160] = "";
    char length[64] = "";
    char request[REQUEST_MAX];
    uint64_t size = strtoull(fields[4], NULL, 10);

    number_in(host, sizeof host, fields[3], number);
    number_in(path, sizeof path, fields[5], number);
    number_in(login, sizeof login, fields[7], number);
    if (login[0] != '\0') {
        strcpy(authorization, "Authorization: Basic ");
        encode_base64(authorization + strlen(authorization), login);
        strcat(authorization, "\r\n");
    }
    if (upload)
        snprintf(length, sizeof length, "Content-Length: %llu\r\n", (unsigned long long)size);
    snprintf(request, sizeof request, "%s %s HTTP/%s\r\nHost: %s\r\n%s%s%s\r\n", upload ? "PUT" : "GET", path,
             old ? "1.0" : "1.1", host, kept || old ? "" : "Connection: close\r\n", authorization, length);
    char *head = strdup(request);
    if (head == NULL)
        exit(71);
    return (struct exchange){.head = head,
                             .length = strlen(head),
                             .upload = upload ? size : 0,
                             .size = upload ? 0 : size,
                             .refused = strcmp(fields[0], "refused") == 0};
}

static void add_server(char *fields[static 8])
{
    int variants = atoi(fields[6]) > 0 ? atoi(fields[6]) : 1;

    if (count == SERVERS_MAX || variants > VARIANTS_MAX)
        exit(64);
    struct server *s = &servers[count++];
    *s = (struct server){.port = (uint16_t)atoi(fields[2]), .variants_count = variants};
    snprintf(s->name, sizeof s->name, "%s", fields[1]);
    s->variants = calloc((size_t)variants, sizeof *s->variants);
    if (s->variants == NULL)
        exit(71);
    for (int i = 0; i < variants; i++)
        s->variants[i] = make_variant(i, fields);
}

static void forget_servers(void)
{
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < servers[i].variants_count; k++)
            free((char *)servers[i].variants[k].head);
        free(servers[i].variants);
    }
    count = 0;
}

/*
 * The plan, fields separated by tabs:
 *   group    NAME  old|closed|kept  CONCURRENCY
 *   server   NAME  PORT  HOST  SIZE  PATH  [VARIANTS  [LOGIN]] (GET; in host, path and login, such as
 *            user#:secret, # is the number of the variant; each connection takes another one for each request)
 *   upload   the same (PUT of SIZE octets over what is there; VARIANTS a multiple of CONCURRENCY, or two
 *            connections would write to one file)
 *   refused  the same as server (the answer is 403)
 *   warm     SECONDS
 *   measure
 *   pace     RATE (requests a second, of all connections together: measures what they take then, four times as
 *            long as else, since they are fewer)
 *   compare  OURS  PEER  TARGET (0: none)
 *   tail     OURS  PEER  TARGET (at most)
 *   slower   OURS  PEER  TARGET (at most: the median of one request)
 *   added    OURS  WITHOUT  TARGET
 *   times    OURS  WITHOUT  PEER  TARGET
 */
int main(int argc, char **argv)
{
    char line[1024];

    if (argc != 5) {
        fprintf(stderr, "usage: load SUBJECT ROUNDS SECONDS REPORT <PLAN\n");
        return 64;
    }
    subject = argv[1];
    where = access("/sys/fs/selinux/enforce", F_OK) == 0 ? "guest" : "host";
    rounds = atoi(argv[2]);
    seconds = atof(argv[3]);
    report = fopen(argv[4], "w");
    if (rounds < 1 || rounds > ROUNDS_MAX || seconds <= 0 || report == NULL)
        return 64;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *fields[8] = {"", "", "", "", "", "", "", ""};
        int n = 0;
        for (char *field = strtok(line, "\t\n"); field != NULL && n < 8; field = strtok(NULL, "\t\n"))
            fields[n++] = field;
        if (strcmp(fields[0], "group") == 0) {
            forget_servers();
            snprintf(group, sizeof group, "%s", fields[1]);
            kept = strcmp(fields[2], "kept") == 0;
            old = strcmp(fields[2], "old") == 0;
            concurrency = atoi(fields[3]);
            if (concurrency < 1 || concurrency > THREADS_MAX)
                return 64;
        } else if (strcmp(fields[0], "server") == 0 || strcmp(fields[0], "upload") == 0 ||
                   strcmp(fields[0], "refused") == 0) {
            add_server(fields);
        } else if (strcmp(fields[0], "measure") == 0) {
            measure(seconds);
        } else if (strcmp(fields[0], "pace") == 0) {
            pace = atof(fields[1]);
            measure(4 * seconds);
            pace = 0;
        } else if (strcmp(fields[0], "tail") == 0) {
            tail(fields[1], fields[2], atof(fields[3]));
        } else if (strcmp(fields[0], "slower") == 0) {
            slower(fields[1], fields[2], atof(fields[3]));
        } else if (strcmp(fields[0], "warm") == 0) {
            warm(atof(fields[1]));
        } else if (strcmp(fields[0], "compare") == 0) {
            compare(fields[1], fields[2], atof(fields[3]));
        } else if (strcmp(fields[0], "added") == 0) {
            added(fields[1], fields[2], atof(fields[3]));
        } else if (strcmp(fields[0], "times") == 0) {
            times(fields[1], fields[2], fields[3], atof(fields[4]));
        }
    }
    forget_servers();
    if (fclose(report) != 0)
        return 1;
    return failures > 0;
}
