/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cgroup.c: what it reads out of the kernel's counts of events, and what it does with a folder. */
#include "cgroup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testing.h"

static int events(const char *text)
{
    int fd = memfd_create("events", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static bool killed(const char *text)
{
    struct cgroup_events e = {.processes = -1, .memory = events(text)};

    bool answer = cgroup_out_of_memory(&e);
    close(e.memory);
    return answer;
}

static bool refused(const char *text)
{
    struct cgroup_events e = {.processes = events(text), .memory = -1};

    bool answer = cgroup_refused(&e);
    close(e.processes);
    return answer;
}

static void reads_what_has_happened(void **state)
{
    (void)state;
    assert_false(killed("low 0\nhigh 0\nmax 17\noom 1\noom_kill 0\noom_group_kill 0\n"));
    assert_true(killed("low 0\nhigh 0\nmax 17\noom 1\noom_kill 1\noom_group_kill 0\n"));
    assert_true(killed("oom_kill 10"));
    assert_false(killed("oom_kill 0"));
    /* Another name that begins so, or one that ends so, is another. */
    assert_false(killed("oom_kill_other 3\nno_oom_kill 3\noom_kill 0\n"));
    assert_false(refused("max 0\n"));
    assert_true(refused("max 3\n"));
    assert_true(refused("max.other 0\nmax 1\n"));
    /* Asked again, it reads again. */
    struct cgroup_events e = {.processes = events("max 0\n"), .memory = -1};
    assert_false(cgroup_refused(&e));
    assert_int_equal(pwrite(e.processes, "max 2\n", 6, 0), 6);
    assert_true(cgroup_refused(&e));
    close(e.processes);
}

/* Then it was not as it should be, and who asks is not told that all was well. */
static void takes_what_cannot_be_read_for_an_event(void **state)
{
    (void)state;
    struct cgroup_events closed = {.processes = -1, .memory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

    assert_true(killed(""));
    assert_true(killed("low 0\nhigh 0\n"));
    assert_true(cgroup_out_of_memory(&closed));
    close(closed.memory);
}

static void knows_of_nothing_where_nobody_counts(void **state)
{
    (void)state;
    const struct cgroup_events none = {.processes = -1, .memory = -1};

    assert_false(cgroup_out_of_memory(&none));
    assert_false(cgroup_refused(&none));
}

static void write_file_at(int folder, const char *name, const char *text)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void assert_holds(int folder, const char *name, const char *text)
{
    char octets[64] = "";
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_true(read(fd, octets, sizeof octets - 1) >= 0);
    close(fd);
    assert_string_equal(octets, text);
}

/* An ordinary folder takes what the kernel's would. */
static void limits_what_is_in_its_folder(void **state)
{
    static const char *const files[] = {"pids.max", "memory.max", "memory.swap.max", "pids.events",
                                        "memory.events"};
    char name[] = "/tmp/cgroup-test.XXXXXX";
    struct cgroup_events e;

    (void)state;
    assert_non_null(mkdtemp(name));
    struct cgroup g = {.folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    assert_true(cgroup_limit(&g, 10, 4096, &e) < 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        write_file_at(g.folder, files[i], "");
    assert_int_equal(cgroup_limit(&g, 10, (uint64_t)5 << 32, &e), 0);
    /* The relay is one more. */
    assert_holds(g.folder, "pids.max", "11\n");
    assert_holds(g.folder, "memory.max", "21474836480");
    assert_holds(g.folder, "memory.swap.max", "0");
    close(e.processes);
    close(e.memory);
    /* A kernel that cannot swap has no such file. */
    assert_int_equal(unlinkat(g.folder, "memory.swap.max", 0), 0);
    assert_int_equal(cgroup_limit(&g, 10, 4096, &e), 0);
    close(e.processes);
    close(e.memory);
    assert_int_equal(unlinkat(g.folder, "memory.max", 0), 0);
    assert_true(cgroup_limit(&g, 10, 4096, &e) < 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlinkat(g.folder, files[i], 0);
    close(g.folder);
    assert_int_equal(rmdir(name), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_has_happened),
        cmocka_unit_test(takes_what_cannot_be_read_for_an_event),
        cmocka_unit_test(knows_of_nothing_where_nobody_counts),
        cmocka_unit_test(limits_what_is_in_its_folder),
    };

    return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
