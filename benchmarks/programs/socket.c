/* SPDX-License-Identifier: Apache-2.0 */
/* Compares a program that the launcher runs with the same program after a bare fork and exec, in turns. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"

enum { ROUNDS_MAX = 99, SAMPLES_MAX = 100000 };

static const char *launcher;
static const char *folder;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool bare(const char *name)
{
    char octets[4096];
    int fds[2];
    int status;
    size_t got = 0;
    ssize_t n;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        if (chdir(folder) == 0)
            execl(name, name, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    while ((n = read(fds[0], octets, sizeof octets)) > 0)
        got += (size_t)n;
    close(fds[0]);
    return waitpid(pid, &status, 0) == pid && status == 0 && got > 0;
}

static bool answer(int fd, uint16_t type, struct reply *reply, bool zero)
{
    if (client_receive(fd, reply) < 0 || reply->type != type)
        return false;
    return !zero || (reply->length >= 2 && reply->payload[0] == 0 && reply->payload[1] == 0);
}

static void add(uint8_t *octets, size_t *used, uint16_t type, const struct writer *payload)
{
    header_write(octets + *used, type, (uint32_t)payload->used);
    memcpy(octets + *used + FRAME_HEADER, payload->start, payload->used);
    *used += FRAME_HEADER + payload->used;
}

/* What the valve says, in as many writes: first where the program should be, and once it was found, what to
 * run it with. */
static bool launched(const char *name)
{
    static struct reply reply;
    struct confine_request request = client_request("u:r:t:s0", folder);
    uint8_t find[256];
    uint8_t run[256];
    struct writer f = {.start = find, .size = sizeof find};
    struct writer r = {.start = run, .size = sizeof run};
    struct writer nothing = {.start = run};
    uint8_t octets[1024];
    request.way = PROTOCOL_WAY_PROGRAMS;
    size_t size = client_confine_frame(&request, octets, sizeof octets);
    size_t got = 0;

    put_string(&f, "", 0);
    put_string(&f, name, strlen(name));
    put_u16(&r, 0);
    put_u16(&r, 0);
    put_string(&r, "", 0);
    put_u16(&r, 0);
    put_u16(&r, 0);
    put_u16(&r, 1);
    put_string(&r, "GATEWAY_INTERFACE=CGI/1.1", 25);
    add(octets, &size, REQUEST_FIND, &f);
    int fd = client_connect(launcher);
    bool good = fd >= 0 && send(fd, octets, size, MSG_NOSIGNAL) == (ssize_t)size &&
                answer(fd, REPLY_CONFINED, &reply, false) && answer(fd, REPLY_FOUND, &reply, true);
    size = 0;
    add(octets, &size, REQUEST_RUN, &r);
    add(octets, &size, REQUEST_STDIN_END, &nothing);
    good = good && send(fd, octets, size, MSG_NOSIGNAL) == (ssize_t)size &&
           answer(fd, REPLY_STARTED, &reply, true);
    while (good && client_receive(fd, &reply) == 0 && reply.type != REPLY_EXITED)
        got += reply.type == REPLY_STDOUT ? reply.length : 0;
    good = good && got > 0 && reply.type == REPLY_EXITED && memcmp(reply.payload, "\0\0\0\0\0\0", 6) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median microseconds of one; whatever fails ends the comparison. */
static double measure(bool (*one)(const char *), const char *name, double seconds)
{
    static double samples[SAMPLES_MAX];
    size_t count = 0;
    double start = now();

    for (double before = start; before - start < seconds && count < SAMPLES_MAX;) {
        if (!one(name)) {
            fprintf(stderr, "socket: %s failed\n", name);
            exit(1);
        }
        double after = now();
        samples[count++] = (after - before) * 1e6;
        before = after;
    }
    qsort(samples, count, sizeof samples[0], ascending);
    return samples[count / 2];
}

static void compare(FILE *report, const char *name, int rounds, double seconds, double most, bool difference)
{
    double ours[ROUNDS_MAX];
    double theirs[ROUNDS_MAX];
    double compared[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) {
        if (i % 2 == 0)
            theirs[i] = measure(bare, name, seconds);
        ours[i] = measure(launched, name, seconds);
        if (i % 2 != 0)
            theirs[i] = measure(bare, name, seconds);
        compared[i] = difference ? ours[i] - theirs[i] : ours[i] / theirs[i];
    }
    qsort(ours, (size_t)rounds, sizeof ours[0], ascending);
    qsort(theirs, (size_t)rounds, sizeof theirs[0], ascending);
    qsort(compared, (size_t)rounds, sizeof compared[0], ascending);
    double middle = compared[rounds / 2];
    const char *what = difference ? "us more than a bare fork and exec" : "times a bare fork and exec";
    printf("  %-10s %6.0f us, bare %6.0f us: %.2f %s (%.2f to %.2f), at most %.2f: %s\n", name,
           ours[rounds / 2], theirs[rounds / 2], middle, what, compared[0], compared[rounds - 1], most,
           middle <= most ? "met" : "MISSED");
    fprintf(report,
            "{\"name\": \"programs, at the launcher's socket: %s\", \"where\": \"host\", \"unit\": "
            "\"us\", \"ours\": %.1f, \"peer\": %.1f, \"peer_name\": \"bare fork and exec%s\", \"ratio\": "
            "%.3f, \"min\": %.3f, \"max\": %.3f, \"target\": %.2f, \"met\": %s}\n",
            name, ours[rounds / 2], theirs[rounds / 2], difference ? " (difference, not ratio)" : "", middle,
            compared[0], compared[rounds - 1], most, middle <= most ? "true" : "false");
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: socket LAUNCHER-SOCKET FOLDER ROUNDS SECONDS REPORT\n"
                        "FOLDER holds the programs \"hello\" and \"static\".\n");
        return 64;
    }
    launcher = argv[1];
    folder = argv[2];
    int rounds = atoi(argv[3]);
    double seconds = atof(argv[4]);
    FILE *report = fopen(argv[5], "a");
    if (rounds < 1 || rounds > ROUNDS_MAX || seconds <= 0 || report == NULL)
        return 64;
    printf("\nat the launcher's socket: %d rounds of %.1f s, one at a time\n", rounds, seconds);
    compare(report, "hello", rounds, seconds, 1.5, false);
    compare(report, "static", rounds, seconds, 250, true);
    return fclose(report) == 0 ? 0 : 1;
}
