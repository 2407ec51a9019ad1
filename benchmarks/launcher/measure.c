/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the launcher beside the floor, in turns, so that what else the machine does falls on both. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"

enum {
    SIZE = 4096,
    SAMPLES_MAX = 1 << 20,
    THREADS_MAX = 64,
};

/* CONFINE and an OPEN that wants the octets along and says that it is the last request, in one write, as the
 * valve does it; the same with a READ of its own, in one go and each request after the previous answer. */
enum way { FLOOR, WANTING, AT_ONCE, STEP_BY_STEP, WAYS };

static const char *const names[WAYS] = {"floor", "launcher, confine and open at once",
                                        "launcher, confine, open, read at once",
                                        "launcher, each after the answer"};
static const char *sockets[WAYS];
static const char *context;
static const char *folder;

/* The requests of the two ways, each of which starts with CONFINE. */
struct requests {
    uint8_t octets[1024];
    size_t size;
};

static struct requests wanting;
static struct requests separate;

struct worker {
    pthread_t thread;
    enum way way;
    double end;
    uint32_t *latencies; /* nanoseconds */
    size_t count;
    size_t room;
    unsigned failures;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What has come of an answer; like the valve, this client takes all that is there at once. */
struct incoming {
    int fd;
    size_t used;
    uint8_t octets[2 * SIZE];
};

static bool receive(struct incoming *in, size_t wanted)
{
    while (in->used < wanted) {
        ssize_t n = recv(in->fd, in->octets + in->used, sizeof in->octets - in->used, 0);
        if (n <= 0)
            return false;
        in->used += (size_t)n;
    }
    return true;
}

/* The three replies, of which only DATA has a length that is known without looking. */
static bool receive_frames(int fd, int count)
{
    struct incoming in;
    size_t at = 0;

    in.fd = fd;
    in.used = 0;
    for (int i = 0; i < count; i++) {
        if (!receive(&in, at + FRAME_HEADER))
            return false;
        struct header h = header_parse(in.octets + at);
        at += FRAME_HEADER + h.length;
        if (h.type == REPLY_FAILED || (i == 2 && h.length != SIZE) || at > sizeof in.octets ||
            !receive(&in, at))
            return false;
    }
    return at == in.used;
}

static bool receive_floor(int fd)
{
    struct incoming in;

    in.fd = fd;
    in.used = 0;
    return receive(&in, FRAME_HEADER + SIZE);
}

static bool step_by_step(int fd)
{
    size_t at = 0;

    for (int i = 0; i < 3; i++) {
        struct header h = header_parse(separate.octets + at);
        size_t size = FRAME_HEADER + h.length;
        if (send(fd, separate.octets + at, size, MSG_NOSIGNAL) != (ssize_t)size || !receive_frames(fd, 1))
            return false;
        at += size;
    }
    return true;
}

static bool send_requests(int fd, const struct requests *r)
{
    return send(fd, r->octets, r->size, MSG_NOSIGNAL) == (ssize_t)r->size;
}

static bool request(enum way way)
{
    bool good = false;
    int fd = client_connect(sockets[way]);

    if (fd < 0)
        return false;
    switch (way) {
    case FLOOR:
        good = send_requests(fd, &wanting) && receive_floor(fd);
        break;
    case WANTING:
        good = send_requests(fd, &wanting) && receive_frames(fd, 3);
        break;
    case AT_ONCE:
        good = send_requests(fd, &separate) && receive_frames(fd, 3);
        break;
    case STEP_BY_STEP:
        good = step_by_step(fd);
        break;
    case WAYS:
        break;
    }
    close(fd);
    return good;
}

/* A client that goes away after so many octets, without waiting for an answer. */
static bool break_off(size_t size)
{
    int fd = client_connect(sockets[WANTING]);

    if (fd < 0)
        return false;
    bool sent = size == 0 || send(fd, separate.octets, size, MSG_NOSIGNAL) >= 0;
    close(fd);
    return sent;
}

static void *work(void *argument)
{
    struct worker *w = argument;

    for (double before = now(); before < w->end;) {
        bool good = request(w->way);
        double after = now();
        if (!good)
            w->failures++;
        else if (w->count < w->room)
            w->latencies[w->count++] = (uint32_t)((after - before) * 1e9);
        before = after;
    }
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

struct result {
    double rate;   /* requests a second */
    double median; /* microseconds */
    double p99;
    unsigned failures;
};

static struct result run(enum way way, int concurrency, double seconds)
{
    static uint32_t latencies[SAMPLES_MAX];
    struct worker workers[THREADS_MAX];
    struct result r = {0};
    size_t count = 0;

    double start = now();
    for (int i = 0; i < concurrency; i++) {
        size_t room = SAMPLES_MAX / (size_t)concurrency;
        workers[i] = (struct worker){
            .way = way, .end = start + seconds, .room = room, .latencies = latencies + room * (size_t)i};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < concurrency; i++) {
        pthread_join(workers[i].thread, NULL);
        memmove(latencies + count, workers[i].latencies, workers[i].count * sizeof latencies[0]);
        count += workers[i].count;
        r.failures += workers[i].failures;
    }
    r.rate = (double)count / (now() - start);
    qsort(latencies, count, sizeof latencies[0], ascending);
    if (count > 0) {
        r.median = latencies[count / 2] / 1e3;
        r.p99 = latencies[count * 99 / 100] / 1e3;
    }
    return r;
}

static double middle(double *values, int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && values[j - 1] > values[j]; j--) {
            double t = values[j];
            values[j] = values[j - 1];
            values[j - 1] = t;
        }
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* A line of JSON for a ratio to the floor that has a target. */
static void report(const char *what, const char *unit, double target, bool at_most, double ours,
                   double floors, double *ratios, int n)
{
    const char *below = getenv("BELOW");
    double ratio = middle(ratios, n); /* and in order now */

    printf("{\"name\": \"launcher%s, %s\", \"where\": \"%s\", \"unit\": \"%s\", \"ours\": %.1f, \"peer\": "
           "%.1f, \"peer_name\": \"bare floor\", \"ratio\": %.2f, \"min\": %.2f, \"max\": %.2f, \"target\": %.1f, "
           "\"met\": %s}\n",
           below == NULL ? "" : below, what, access("/sys/fs/selinux/enforce", F_OK) == 0 ? "guest" : "host", unit,
           ours, floors, ratio, ratios[0], ratios[n - 1], target,
           (at_most ? ratio <= target : ratio >= target) ? "true" : "false");
}

static void compare(int concurrency, int rounds, double seconds)
{
    static double rates[WAYS][100];
    static double medians[WAYS][100];
    static double p99s[WAYS][100];
    static double rate_ratios[WAYS][100];
    static double median_ratios[WAYS][100];
    unsigned failures[WAYS] = {0};

    for (int i = 0; i < rounds; i++) {
        for (int k = 0; k < WAYS; k++) {
            enum way way = (enum way)((k + i) % WAYS);
            struct result r = run(way, concurrency, seconds);
            rates[way][i] = r.rate;
            medians[way][i] = r.median;
            p99s[way][i] = r.p99;
            failures[way] += r.failures;
        }
        for (int way = 0; way < WAYS; way++) {
            rate_ratios[way][i] = rates[way][i] / rates[FLOOR][i];
            median_ratios[way][i] = medians[way][i] / medians[FLOOR][i];
        }
    }
    printf("concurrency %d, %d rounds of %.1f s, medians over rounds\n", concurrency, rounds, seconds);
    printf("%-40s %9s %9s %9s %14s %14s %6s\n", "", "req/s", "p50 us", "p99 us", "req/s : floor",
           "p50 : floor", "failed");
    for (int way = 0; way < WAYS; way++)
        printf("%-40s %9.0f %9.1f %9.1f %14.2f %14.2f %6u\n", names[way], middle(rates[way], rounds),
               middle(medians[way], rounds), middle(p99s[way], rounds), middle(rate_ratios[way], rounds),
               middle(median_ratios[way], rounds), failures[way]);
    if (concurrency == 1)
        report("latency at concurrency 1", "us", 1.5, true, middle(medians[WANTING], rounds),
               middle(medians[FLOOR], rounds), median_ratios[WANTING], rounds);
    else
        report("throughput at concurrency 8", "requests/s", 0.7, false, middle(rates[WANTING], rounds),
               middle(rates[FLOOR], rounds), rate_ratios[WANTING], rounds);
}

static struct writer after(struct requests *r)
{
    return (struct writer){.start = r->octets + r->size, .size = sizeof r->octets - r->size};
}

static void add_open(struct requests *r, const char *name, uint32_t wanted)
{
    struct writer w = after(r);

    frame_begin(&w, REQUEST_OPEN);
    put_string(&w, name, strlen(name));
    put_u32(&w, wanted);
    r->size += frame_end(&w);
}

static void add_read(struct requests *r)
{
    struct writer w = after(r);

    frame_begin(&w, REQUEST_READ);
    put_u16(&w, 1);
    put_u64(&w, 0);
    put_u32(&w, SIZE);
    r->size += frame_end(&w);
}

static void make_requests(void)
{
    struct confine_request confine = client_request(context, folder);

    wanting.size = client_confine_frame(&confine, wanting.octets, sizeof wanting.octets);
    separate = wanting;
    add_open(&wanting, "4k", SIZE | PROTOCOL_OPEN_LAST);
    add_open(&separate, "4k", 0);
    add_read(&separate);
}

int main(int argc, char **argv)
{
    if (argc != 7 && argc != 8) {
        fprintf(stderr, "usage: measure FLOOR-SOCKET LAUNCHER-SOCKET CONTEXT FOLDER ROUNDS SECONDS [COUNT]\n"
                        "FOLDER holds a file \"4k\" of 4096 octets. With COUNT: that many requests, and no "
                        "comparison; with -COUNT: "
                        "that many that are broken off.\n");
        return 64;
    }
    sockets[FLOOR] = argv[1];
    sockets[WANTING] = sockets[AT_ONCE] = sockets[STEP_BY_STEP] = argv[2];
    context = argv[3];
    folder = argv[4];
    make_requests();
    if (argc == 8 && argv[7][0] == '-') {
        long failed = 0;
        for (long i = atol(argv[7]); i < 0; i++)
            failed += !break_off((size_t)-i % separate.size);
        printf("%s requests broken off, %ld could not connect\n", argv[7] + 1, failed);
        return failed != 0;
    }
    if (argc == 8) {
        long failed = 0;
        for (long i = atol(argv[7]); i > 0; i--)
            failed += !request(sockets[WANTING][0] == '\0' ? FLOOR : WANTING);
        printf("%s requests, %ld failed\n", argv[7], failed);
        return failed != 0;
    }
    int rounds = atoi(argv[5]);
    double seconds = atof(argv[6]);
    if (rounds < 1 || rounds > 100 || seconds <= 0 || !request(FLOOR) || !request(WANTING)) {
        fprintf(stderr, "measure: nobody answers as expected, or ROUNDS is not from 1 to 100\n");
        return 1;
    }
    compare(1, rounds, seconds);
    compare(8, rounds, seconds);
    return 0;
}
