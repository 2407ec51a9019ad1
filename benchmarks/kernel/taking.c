/* SPDX-License-Identifier: Apache-2.0 */
/* Measures what a new process takes to take its context, and then to open and read its first file. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNT_MAX = 10000 };

/* Microseconds of each child; the kernel is asked for no permission to what was mapped before a context was
 * taken. */
struct times {
    double context;
    double file;
    double all; /* from before the fork to after the end */
};

static struct times *times;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static const char current[] = "/proc/thread-self/attr/current";

/* As a helper does it: read back through a descriptor that the new domain has opened. */
static bool take(const char *context)
{
    char is[256];
    size_t length = strlen(context);
    int fd = open(current, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, context, length) != (ssize_t)length)
        return false;
    close(fd);
    fd = open(current, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, is, sizeof is);
    close(fd);
    return n >= (ssize_t)length && memcmp(is, context, length) == 0;
}

static bool read_file(const char *file)
{
    char octets[4096];
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, octets, sizeof octets) <= 0)
        return false;
    close(fd);
    return true;
}

static void child(struct times *t, const char *context, const char *file)
{
    double start = now();
    bool good = take(context);
    double taken = now();
    good = good && read_file(file);
    t->context = taken - start;
    t->file = now() - taken;
    _exit(good ? 0 : 1);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_spread(int count, size_t offset)
{
    static double values[COUNT_MAX];

    for (int i = 0; i < count; i++)
        memcpy(&values[i], (char *)&times[i] + offset, sizeof values[i]);
    qsort(values, (size_t)count, sizeof values[0], ascending);
    printf(" %.1f %.1f", values[count / 2], values[count * 99 / 100]);
}

/* Prints median and 99th percentile of each. */
int main(int argc, char **argv)
{
    char context[256];

    if (argc != 5) {
        fprintf(stderr,
                "usage: taking DOMAIN FILE CONTEXTS COUNT\nCOUNT processes, one after the other, take "
                "DOMAIN with one of so many categories in turns.\n");
        return 64;
    }
    int contexts = atoi(argv[3]);
    int count = atoi(argv[4]);
    if (contexts < 1 || contexts > 1024 || count < 1 || count > COUNT_MAX)
        return 64;
    times = mmap(NULL, sizeof *times * COUNT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (times == MAP_FAILED)
        return 71;
    for (int i = 0; i < count; i++) {
        int status = 0;
        snprintf(context, sizeof context, "%s:s0:c%d", argv[1], i % contexts);
        double start = now();
        pid_t pid = fork();
        if (pid == 0)
            child(&times[i], context, argv[2]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
            fprintf(stderr, "taking: a process could not take %s and read %s\n", context, argv[2]);
            return 1;
        }
        times[i].all = now() - start;
    }
    print_spread(count, offsetof(struct times, context));
    print_spread(count, offsetof(struct times, file));
    print_spread(count, offsetof(struct times, all));
    printf("\n");
    return 0;
}
