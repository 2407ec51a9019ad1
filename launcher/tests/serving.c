/* SPDX-License-Identifier: Apache-2.0 */
/* What a client gets, and what it cannot reach. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "landlock.h"
#include "protocol.h"
#include "stage.h"

/* ---- a request that goes well ---- */

static void tells_what_is_in_force(void **state)
{
    struct stage *s = *state;
    struct confined c;

    start(s);
    int fd = confined(s, &c);
    assert_string_equal(c.context, "");
    assert_int_equal(c.measures & MEASURE_CONTEXT, 0);
    assert_true((c.measures & MEASURE_NO_NEW_PRIVS) != 0);
    assert_true((c.measures & MEASURE_NO_CAPABILITIES) != 0);
    assert_int_equal((c.measures & MEASURE_FILTER) != 0, !sanitized);
    assert_int_equal((c.measures & MEASURE_LANDLOCK) != 0, landlock_version() > 0);
    assert_true(alive(c.pid));
    close(fd);
    stop(s);
}

static void stats_opens_reads_and_closes(void **state)
{
    struct stage *s = *state;

    start(s);
    int fd = confined(s, NULL);
    struct found f = stat_of(fd, "hello.txt");
    assert_int_equal(f.error, 0);
    assert_int_equal(f.kind, KIND_FILE);
    assert_int_equal(f.handle, 0);
    assert_int_equal(f.size, 6);
    assert_true(llabs(f.modified / 1000 - time(NULL)) < 60);
    assert_true(f.created > 0);
    f = stat_of(fd, "");
    assert_int_equal(f.kind, KIND_DIRECTORY);

    f = open_of(fd, "hello.txt");
    assert_int_equal(f.error, 0);
    assert_true(f.handle != 0);
    assert_int_equal(client_read(fd, f.handle, 0, 100, &reply), 0);
    assert_int_equal(reply.length, 6);
    assert_memory_equal(reply.payload, "hello\n", 6);
    assert_int_equal(client_read(fd, f.handle, 4, 1, &reply), 0);
    assert_int_equal(reply.length, 1);
    assert_memory_equal(reply.payload, "o", 1);
    assert_int_equal(client_read(fd, f.handle, 6, 1, &reply), 0);
    assert_int_equal(reply.length, 0);
    assert_int_equal(client_read(fd, f.handle, UINT64_MAX, READ_MAX, &reply), 0);
    assert_int_equal(reply.length, 0);
    assert_int_equal(client_close(fd, f.handle), 0);
    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    close(fd);
    stop(s);
}

static void answers_requests_sent_in_one_go(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    uint8_t frames[FRAME_HEADER + FRAME_MAX_CONFINE];
    struct found f;

    start(s);
    size_t used = client_confine_frame(&request, frames, sizeof frames);
    for (int i = 0; i < 3; i++) {
        struct writer w = {.start = frames + used, .size = sizeof frames - used};
        frame_begin(&w, REQUEST_STAT);
        put_string(&w, "hello.txt", 9);
        used += frame_end(&w);
    }
    int fd = connected(s);
    assert_int_equal(send(fd, frames, used, 0), (ssize_t)used);
    assert_int_equal(client_receive(fd, &reply), 0);
    assert_int_equal(reply.type, REPLY_CONFINED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(client_attributes(fd, &f, &reply), 0);
        assert_int_equal(f.size, 6);
    }
    close(fd);
    stop(s);
}

static void reads_requests_that_come_in_pieces(void **state)
{
    struct stage *s = *state;
    uint8_t frame[64];
    struct writer w = {.start = frame, .size = sizeof frame};
    struct found f;

    start(s);
    int fd = confined(s, NULL);
    frame_begin(&w, REQUEST_STAT);
    put_string(&w, "hello.txt", 9);
    size_t size = frame_end(&w);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(send(fd, frame + i, 1, 0), 1);
        pause_ms(5);
    }
    assert_int_equal(client_attributes(fd, &f, &reply), 0);
    assert_int_equal(f.size, 6);
    close(fd);
    stop(s);
}

static void streams_a_large_file(void **state)
{
    struct stage *s = *state;
    enum { SIZE = 3 * 1048576 + 4711 };
    char *octets = malloc(SIZE);

    assert_non_null(octets);
    for (size_t i = 0; i < SIZE; i++)
        octets[i] = (char)(i * 2654435761U >> 13);
    write_file(s->root, "large", octets, SIZE);
    start(s);
    int fd = confined(s, NULL);
    struct found f = open_of(fd, "large");
    assert_int_equal(f.size, SIZE);
    static const uint32_t steps[] = {READ_MAX, 16384, 16385, 65536, 1000000, 1};
    uint64_t offset = 0;
    for (size_t i = 0; offset < SIZE; i++) {
        assert_int_equal(client_read(fd, f.handle, offset, steps[i % 6], &reply), 0);
        assert_true(reply.length > 0 && (reply.length == steps[i % 6] || offset + reply.length == SIZE));
        assert_memory_equal(reply.payload, octets + offset, reply.length);
        offset += reply.length;
    }
    assert_int_equal(offset, SIZE);
    assert_int_equal(client_read(fd, f.handle, SIZE, READ_MAX, &reply), 0);
    assert_int_equal(reply.length, 0);
    free(octets);
    close(fd);
    stop(s);
}

/* Opens a file, and expects so many of its first octets behind the attributes, and a handle unless they are
 * all. */
static struct found open_wanting(int fd, const char *path, uint32_t wanted, const char *octets, size_t size)
{
    struct found f = {0};

    assert_int_equal(client_open(fd, path, wanted), 0);
    assert_int_equal(client_attributes(fd, &f, &reply), 0);
    assert_int_equal(f.error, 0);
    assert_int_equal(f.kind, KIND_FILE);
    assert_int_equal(f.size, size);
    assert_int_equal(f.handle != 0, wanted < size);
    assert_int_equal(client_data(fd, &reply), 0);
    assert_int_equal(reply.length, wanted < size ? wanted : size);
    assert_memory_equal(reply.payload, octets, reply.length);
    return f;
}

static void sends_the_first_octets_along(void **state)
{
    struct stage *s = *state;
    enum { SIZE = 40000 };
    static char octets[SIZE];
    struct found f;

    for (size_t i = 0; i < SIZE; i++)
        octets[i] = (char)(i * 2654435761U >> 13);
    write_file(s->root, "large", octets, SIZE);
    write_file(s->root, "empty", "", 0);
    start(s);
    int fd = confined(s, NULL);
    /* Whole files take no handle, however many they are. */
    for (int i = 0; i < 4 * HANDLES_MAX; i++) {
        open_wanting(fd, "large", i % 2 == 0 ? SIZE : READ_MAX, octets, SIZE);
        open_wanting(fd, "hello.txt", i % 2 == 0 ? 6 : 16384, "hello\n", 6);
        open_wanting(fd, "empty", 1, "", 0);
    }
    static const uint32_t parts[] = {1, 16384, 16385, SIZE - 1};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        f = open_wanting(fd, "large", parts[i], octets, SIZE);
        assert_int_equal(client_read(fd, f.handle, parts[i], 3, &reply), 0);
        assert_memory_equal(reply.payload, octets + parts[i], reply.length);
    }
    /* Nothing follows what is not opened. */
    static const char *const names[] = {"", "nowhere"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(client_open(fd, names[i], 100), 0);
        assert_int_equal(client_attributes(fd, &f, &reply), 0);
        assert_int_equal(f.error, i == 0 ? EISDIR : ENOENT);
    }
    assert_int_equal(stat_of(fd, "hello.txt").size, 6);
    close(fd);
    stop(s);
}

static void leaves_behind_the_last_file(void **state)
{
    struct stage *s = *state;
    struct found f;

    write_file(s->root, "empty", "", 0);
    start(s);
    static const char *const names[] = {"hello.txt", "empty"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int fd = confined(s, NULL);
        open_wanting(fd, names[i], READ_MAX | PROTOCOL_OPEN_LAST, i == 0 ? "hello\n" : "", i == 0 ? 6 : 0);
        assert_int_equal(read(fd, &f, 1), 0);
        close(fd);
    }
    /* It stays while there is more to be had than it has sent. */
    int fd = confined(s, NULL);
    static const char *const others[] = {"", "nowhere"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(client_open(fd, others[i], READ_MAX | PROTOCOL_OPEN_LAST), 0);
        assert_int_equal(client_attributes(fd, &f, &reply), 0);
    }
    static const uint32_t parts[] = {0, 5};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_int_equal(client_open(fd, "hello.txt", parts[i] | PROTOCOL_OPEN_LAST), 0);
        assert_int_equal(client_attributes(fd, &f, &reply), 0);
        if (parts[i] > 0)
            assert_int_equal(client_data(fd, &reply), 0);
        assert_int_equal(client_read(fd, f.handle, 0, 6, &reply), 0);
        assert_memory_equal(reply.payload, "hello\n", 6);
    }
    close(fd);
    stop(s);
}

static void count_entry(void *context, const char *name, size_t length, const struct found *f)
{
    unsigned *counts = context;

    if (length == 5 && memcmp(name, "other", 5) == 0)
        counts[1]++;
    else if (f->kind == KIND_DIRECTORY && length == 6 && memcmp(name, "folder", 6) == 0)
        counts[2]++;
    else if (f->kind == KIND_FILE)
        counts[0]++;
    else
        counts[1]++;
}

static void lists_files_and_folders_and_nothing_else(void **state)
{
    struct stage *s = *state;
    unsigned counts[3] = {0};
    char name[300];
    char path[256];

    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "%0200d", i);
        write_file(s->root, name, "", 0);
    }
    snprintf(path, sizeof path, "%s/folder", s->root);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/link", s->root);
    assert_int_equal(symlink("hello.txt", path), 0);
    snprintf(path, sizeof path, "%s/fifo", s->root);
    mkfifo(path, 0644);
    start(s);
    int fd = confined(s, NULL);
    assert_int_equal(client_path(fd, REQUEST_LIST, ""), 0);
    assert_int_equal(client_entries(fd, &reply, count_entry, counts), 0);
    assert_int_equal(counts[0], 501);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 1);
    assert_int_equal(client_path(fd, REQUEST_LIST, "hello.txt"), 0);
    assert_int_equal(client_entries(fd, &reply, count_entry, counts), ENOTDIR);
    assert_int_equal(client_path(fd, REQUEST_LIST, "nowhere"), 0);
    assert_int_equal(client_entries(fd, &reply, count_entry, counts), ENOENT);
    assert_int_equal(client_path(fd, REQUEST_LIST, "link"), 0);
    assert_int_equal(client_entries(fd, &reply, count_entry, counts), ENOENT);
    close(fd);
    stop(s);
}

static void hands_out_sixteen_handles(void **state)
{
    struct stage *s = *state;
    struct found f = {0};

    start(s);
    int fd = confined(s, NULL);
    for (int i = 0; i < HANDLES_MAX; i++)
        assert_int_equal(open_of(fd, "hello.txt").error, 0);
    assert_int_equal(open_of(fd, "hello.txt").error, EMFILE);
    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    assert_int_equal(client_close(fd, 3), 0);
    f = open_of(fd, "hello.txt");
    assert_int_equal(f.handle, 3);
    close(fd);
    stop(s);
}

/* ---- what may not be reached ---- */

static void hides_what_is_neither_file_nor_folder(void **state)
{
    struct stage *s = *state;
    char path[256];
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(path, sizeof path, "%s/link", s->root);
    assert_int_equal(symlink("hello.txt", path), 0);
    snprintf(path, sizeof path, "%s/out", s->root);
    assert_int_equal(symlink("/etc", path), 0);
    snprintf(path, sizeof path, "%s/fifo", s->root);
    assert_int_equal(mkfifo(path, 0644), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/unix", s->root);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    snprintf(path, sizeof path, "%s/device", s->root);
    bool device = mknod(path, S_IFCHR | 0666, 1 << 8 | 3) == 0;

    start(s);
    int fd = confined(s, NULL);
    static const char *const names[] = {"link", "out", "out/passwd", "fifo", "unix", "nothing", "device"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] - !device; i++) {
        assert_int_equal(stat_of(fd, names[i]).error, ENOENT);
        assert_int_equal(open_of(fd, names[i]).error, ENOENT);
    }
    assert_int_equal(open_of(fd, "").error, EISDIR);
    close(listener);
    close(fd);
    stop(s);
}

static void does_not_leave_the_root(void **state)
{
    struct stage *s = *state;
    static const char *const names[] = {"..",          "../root/hello.txt", "./hello.txt", ".",
                                        "/etc/passwd", "a/../..",           "hello.txt/",  "/",
                                        "a//hello.txt"};

    start(s);
    int fd = confined(s, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(stat_of(fd, names[i]).error, ENOENT);
    char long_name[PATH_OCTETS_MAX + 2];
    memset(long_name, 'a', sizeof long_name);
    long_name[PATH_OCTETS_MAX + 1] = '\0';
    assert_int_equal(stat_of(fd, long_name).error, ENAMETOOLONG);
    close(fd);
    stop(s);
}

static void notices_a_folder_swapped_for_a_link(void **state)
{
    struct stage *s = *state;
    char path[256];

    snprintf(path, sizeof path, "%s/folder", s->root);
    assert_int_equal(mkdir(path, 0755), 0);
    write_file(path, "passwd", "mine", 4);
    start(s);
    int fd = confined(s, NULL);
    assert_int_equal(open_of(fd, "folder/passwd").size, 4);
    snprintf(path, sizeof path, "rm -r %s/folder && ln -s /etc %s/folder", s->root, s->root);
    assert_int_equal(system(path), 0);
    assert_int_equal(open_of(fd, "folder/passwd").error, ENOENT);
    close(fd);

    /* The root itself, and a folder on the way to it. */
    struct confined c;
    snprintf(path, sizeof path, "%s/folder", s->root);
    struct confine_request request = client_request("u:r:t:s0", path);
    fd = confined_as(s, &request, &c, FAILED_ROOT);
    assert_closed(fd);
    snprintf(path, sizeof path, "%s/folder/security", s->root);
    fd = confined_as(s, &request, &c, FAILED_ROOT);
    assert_closed(fd);
    stop(s);
}

static void asks_the_kernel_as_an_unprivileged_user(void **state)
{
    struct stage *s = *state;
    char path[256];

    if (geteuid() != 0)
        skip();
    /* Root without capabilities is nobody in particular to a file that belongs to another. */
    write_file(s->root, "secret", "secret", 6);
    snprintf(path, sizeof path, "%s/secret", s->root);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(chmod(path, 0600), 0);
    start(s);
    int fd = confined(s, NULL);
    unsigned counts[3] = {0};
    assert_int_equal(stat_of(fd, "secret").error, EACCES);
    assert_int_equal(open_of(fd, "secret").error, EACCES);
    assert_int_equal(client_path(fd, REQUEST_LIST, ""), 0);
    assert_int_equal(client_entries(fd, &reply, count_entry, counts), 0);
    assert_int_equal(counts[0], 1);
    close(fd);
    stop(s);
}

static unsigned status_field(pid_t pid, const char *name, char *value, size_t size)
{
    char path[64];
    char line[256];
    unsigned found = 0;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0) {
            snprintf(value, size, "%s", line + strlen(name));
            value[strcspn(value, "\n")] = '\0';
            found++;
        }
    fclose(f);
    return found;
}

static void keeps_nothing_that_it_does_not_need(void **state)
{
    struct stage *s = *state;
    struct confined c;
    char path[64];
    char value[256];

    start(s);
    int fd = confined(s, &c);
    static const char *const sets[] = {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapBnd:\t", "CapAmb:\t"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (geteuid() != 0 && i == 3)
            continue;
        assert_int_equal(status_field(c.pid, sets[i], value, sizeof value), 1);
        assert_string_equal(value, "0000000000000000");
    }
    assert_int_equal(status_field(c.pid, "NoNewPrivs:\t", value, sizeof value), 1);
    assert_string_equal(value, "1");
    assert_int_equal(status_field(c.pid, "Seccomp:\t", value, sizeof value), 1);
    assert_string_equal(value, sanitized ? "0" : "2");

    snprintf(path, sizeof path, "/proc/%d/fd", c.pid);
    DIR *d = opendir(path);
    if (d != NULL) {
        int descriptors = 0;
        while (readdir(d) != NULL)
            descriptors++;
        closedir(d);
        assert_int_equal(descriptors, 2 + 2); /* "." and ".."; the connection and the root */
    }
    close(fd);
    stop(s);
}

int run_serving(void);

int run_serving(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(tells_what_is_in_force),
        STAGED(stats_opens_reads_and_closes),
        STAGED(answers_requests_sent_in_one_go),
        STAGED(reads_requests_that_come_in_pieces),
        STAGED(streams_a_large_file),
        STAGED(sends_the_first_octets_along),
        STAGED(leaves_behind_the_last_file),
        STAGED(lists_files_and_folders_and_nothing_else),
        STAGED(hands_out_sixteen_handles),
        STAGED(hides_what_is_neither_file_nor_folder),
        STAGED(does_not_leave_the_root),
        STAGED(notices_a_folder_swapped_for_a_link),
        STAGED(asks_the_kernel_as_an_unprivileged_user),
        STAGED(keeps_nothing_that_it_does_not_need),
    };

    return cmocka_run_group_tests_name("serving", tests, NULL, NULL);
}
