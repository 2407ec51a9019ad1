/* SPDX-License-Identifier: Apache-2.0 */
/* A helper that may change nothing has forgotten the secret that goes with changes. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"
#include "writing_stage.h"

enum { MAPPING_MAX = 1 << 20 };

/* Calls `look` for every 64 bits in memory that the process may write to and that is no file's. */
static void look_at_memory(pid_t pid, void (*look)(uint64_t word, size_t size, void *context), void *context)
{
    static uint64_t words[MAPPING_MAX / 8];
    char path[64];
    char line[256];
    unsigned long from;
    unsigned long to;

    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    assert_true(memory >= 0 && maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx", &from, &to) != 2 || strstr(line, " rw-p ") == NULL ||
            strchr(line, '[') != NULL)
            continue;
        for (unsigned long at = from; at < to; at += MAPPING_MAX) {
            size_t part = to - at < MAPPING_MAX ? to - at : MAPPING_MAX;
            ssize_t n = pread(memory, words, part, (off_t)at);
            for (ssize_t i = 0; i < n / 8; i++)
                look(words[i], to - from, context);
        }
    }
    fclose(maps);
    close(memory);
}

struct search {
    uint64_t wanted;
    unsigned found;
};

/* What helpers are born with lies in a piece of this size, in which the launcher writes nothing else. */
static void note_secret(uint64_t word, size_t size, void *context)
{
    struct search *s = context;

    if (word == 0 || size < 100000 || size > 200000)
        return;
    s->wanted = word;
    s->found++;
}

static void count_secret(uint64_t word, size_t size, void *context)
{
    struct search *s = context;

    (void)size;
    s->found += word == s->wanted;
}

static void who_only_reads_has_forgotten_how_to_write(void **state)
{
    struct stage *s = *state;
    struct confined reader;
    struct confined writer;
    struct search secret = {0};

    if (sanitized || geteuid() != 0)
        skip();
    start(s);
    int reading = confined(s, &reader);
    int fd = writing_with(s, &writer, 0);
    assert_int_equal(stat_of(reading, "").error, 0);
    assert_int_equal(put(fd, "new", UPLOAD_NEW, "x").error, 0);
    look_at_memory(s->launcher, note_secret, &secret);
    assert_int_equal(secret.found, 1);
    secret.found = 0;
    look_at_memory(writer.pid, count_secret, &secret);
    assert_true(secret.found > 0);
    secret.found = 0;
    look_at_memory(reader.pid, count_secret, &secret);
    assert_int_equal(secret.found, 0);
    close(fd);
    close(reading);
    stop(s);
}

int run_forgetting(void);

int run_forgetting(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(who_only_reads_has_forgotten_how_to_write),
    };

    return cmocka_run_group_tests_name("forgetting", tests, NULL, NULL);
}
