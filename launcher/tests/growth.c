/* SPDX-License-Identifier: Apache-2.0 */
/* Many requests, and many that are broken off somewhere: a launcher has as much of everything afterwards as
 * before.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

enum {
    IDLE = 8,
    STAGES = 6,
    ROOM_KB = 64, /* what the kernel's own accounting may differ by */
};

static unsigned long requests;
static unsigned long broken;

struct size {
    size_t helpers;
    size_t descriptors;
    long resident_kb;
    long peak_kb;
};

static size_t descriptors_of(pid_t pid)
{
    char path[64];
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

static long status_kb(pid_t pid, const char *name)
{
    char path[64];
    char line[256];
    long value = -1;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name), NULL, 10);
    fclose(f);
    assert_true(value > 0);
    return value;
}

/* Once nobody is left but those who wait. */
static struct size size_of(const struct stage *s)
{
    pid_t pids[4 * IDLE];
    size_t helpers = 0;

    for (int i = 0; i < PATIENCE_S * 100; i++) {
        helpers = children_of(s->launcher, pids, 4 * IDLE);
        if (helpers == IDLE)
            break;
        pause_ms(10);
    }
    return (struct size){
        .helpers = helpers,
        .descriptors = descriptors_of(s->launcher),
        .resident_kb = status_kb(s->launcher, "VmRSS:"),
        .peak_kb = status_kb(s->launcher, "VmHWM:"),
    };
}

static void print(const char *when, const struct size *size)
{
    printf("%s: %zu helpers, %zu descriptors, %ld kB resident, %ld kB at most\n", when, size->helpers,
           size->descriptors - 2, size->resident_kb, size->peak_kb);
}

static void ask(const struct stage *s)
{
    int fd = confined(s, NULL);

    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    close(fd);
}

/* Goes away at one of several moments, without a look at what was answered. */
static void break_off(const struct stage *s, unsigned long when)
{
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t frame[512];
    size_t size = client_confine_frame(&request, frame, sizeof frame);
    int fd = when % STAGES < 4 ? connected(s) : confined(s, NULL);

    switch (when % STAGES) {
    case 0:
        break;
    case 1:
        send(fd, frame, 5, MSG_NOSIGNAL);
        break;
    case 2:
        send(fd, frame, size - 3, MSG_NOSIGNAL);
        break;
    case 3:
        send(fd, frame, size, MSG_NOSIGNAL);
        break;
    case 4:
        send(fd, "\0\0\0\12\0\2", 6, MSG_NOSIGNAL);
        break;
    default:
        client_path(fd, REQUEST_LIST, "");
        break;
    }
    close(fd);
}

static void has_as_much_afterwards_as_before(void **state)
{
    struct stage *s = *state;

    start_with(s, (const char *const[]){"--idle", "8", NULL});
    /* Whatever is touched for the first time is no growth. */
    for (unsigned long i = 0; i < 500; i++) {
        ask(s);
        break_off(s, i);
    }
    struct size before = size_of(s);
    print("before", &before);
    for (unsigned long i = 0; i < requests; i++)
        ask(s);
    for (unsigned long i = 0; i < broken; i++)
        break_off(s, i);
    struct size after = size_of(s);
    print("after", &after);
    assert_int_equal(after.helpers, IDLE);
    assert_int_equal(after.descriptors, before.descriptors);
    assert_true(after.resident_kb <= before.resident_kb + ROOM_KB);
    assert_true(after.peak_kb < 1024);
    ask(s);
    stop(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {STAGED(has_as_much_afterwards_as_before)};

    if (argc != 4) {
        fprintf(stderr, "usage: growth LAUNCHER REQUESTS BROKEN-OFF\n");
        return 2;
    }
    launcher_path = argv[1];
    requests = strtoul(argv[2], NULL, 10);
    broken = strtoul(argv[3], NULL, 10);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return cmocka_run_group_tests_name("growth", tests, NULL, NULL);
}
