/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: whole or not at all. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"
#include "writing_stage.h"

/* ---- what goes well ---- */

static void makes_writes_and_deletes(void **state)
{
    struct stage *s = *state;
    struct stat st;

    mode_t before = umask(0027);
    start(s);
    umask(before);
    int fd = writing(s);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "new"), 0);
    assert_int_equal(stat(path_of(s, "new"), &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0750);
    assert_int_equal(put(fd, "new/file", UPLOAD_NEW, "first").error, 0);
    assert_string_equal(content_of(s, "new/file"), "first");
    assert_int_equal(stat(path_of(s, "new/file"), &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0640);
    assert_int_equal(put(fd, "new/file", UPLOAD_REPLACE, "second, longer").error, 0);
    assert_string_equal(content_of(s, "new/file"), "second, longer");
    assert_int_equal(put(fd, "new/file", UPLOAD_IN_PLACE, "third").error, 0);
    assert_string_equal(content_of(s, "new/file"), "third");
    assert_int_equal(put(fd, "new/empty", UPLOAD_REPLACE, "").error, 0);
    assert_string_equal(content_of(s, "new/empty"), "");
    assert_int_equal(put(fd, "new/placed", UPLOAD_IN_PLACE, "new").error, 0);
    assert_string_equal(content_of(s, "new/placed"), "new");
    assert_int_equal(names_in(s, "new", ""), 2 + 3);
    assert_int_equal(ask(fd, REQUEST_DELETE, "new"), ENOTEMPTY);
    static const char *const names[] = {"new/file", "new/empty", "new/placed", "new"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(ask(fd, REQUEST_DELETE, names[i]), 0);
    assert_int_not_equal(stat(path_of(s, "new"), &st), 0);
    close(fd);
    stop(s);
}

static void writes_what_it_reads(void **state)
{
    struct stage *s = *state;
    enum { SIZE = 3 * 1048576 + 4711 };
    uint8_t *octets = malloc(SIZE);

    assert_non_null(octets);
    for (size_t i = 0; i < SIZE; i++)
        octets[i] = (uint8_t)(i * 2654435761U >> 13);
    write_file(s->root, "large", (const char *)octets, SIZE);
    start(s);
    int fd = writing(s);
    struct found f = open_of(fd, "large");
    assert_int_equal(create(fd, "copy", UPLOAD_NEW).error, 0);
    static const uint32_t steps[] = {READ_MAX, 1, 16384, 65536, 70000, 1000000};
    uint64_t offset = 0;
    for (size_t i = 0; offset < SIZE; i++) {
        assert_int_equal(client_read(fd, f.handle, offset, steps[i % 6], &reply), 0);
        assert_int_equal(client_content(fd, reply.payload, reply.length), 0);
        offset += reply.length;
    }
    /* Not there before it is whole. */
    assert_int_equal(stat_of(fd, "copy").error, ENOENT);
    assert_int_equal(commit(fd).error, 0);
    f = open_of(fd, "copy");
    assert_int_equal(f.size, SIZE);
    for (offset = 0; offset < SIZE; offset += reply.length) {
        assert_int_equal(client_read(fd, f.handle, offset, READ_MAX, &reply), 0);
        assert_memory_equal(reply.payload, octets + offset, reply.length);
    }
    free(octets);
    close(fd);
    stop(s);
}

/* Who reads the old file goes on reading the old file. */
static void readers_never_see_a_mixture(void **state)
{
    struct stage *s = *state;

    start(s);
    int reader = confined(s, NULL);
    int fd = writing(s);
    struct found f = open_of(reader, "hello.txt");
    assert_int_equal(client_read(reader, f.handle, 0, 3, &reply), 0);
    assert_memory_equal(reply.payload, "hel", 3);
    assert_int_equal(put(fd, "hello.txt", UPLOAD_REPLACE, "HELLO!!!").error, 0);
    assert_int_equal(client_read(reader, f.handle, 3, 100, &reply), 0);
    assert_int_equal(reply.length, 3);
    assert_memory_equal(reply.payload, "lo\n", 3);
    assert_int_equal(open_of(reader, "hello.txt").size, 8);
    close(fd);
    close(reader);
    stop(s);
}

/* Puts one letter so many times, another one next time, until told to end. */
static _Noreturn void write_letters(const struct stage *s, char letter)
{
    static char octets[200000];
    int fd = writing(s);

    for (;; letter = letter == 'a' ? 'b' : 'a') {
        memset(octets, letter, sizeof octets);
        if (create(fd, "letters", UPLOAD_REPLACE).error != 0 ||
            client_content(fd, octets, letter == 'a' ? sizeof octets : sizeof octets / 2) < 0 ||
            commit(fd).error != 0)
            _exit(1);
    }
}

static void readers_and_writers_at_once(void **state)
{
    struct stage *s = *state;
    pid_t writers[2];
    int status;

    write_file(s->root, "letters", "a", 1);
    start(s);
    for (int i = 0; i < 2; i++) {
        writers[i] = fork();
        if (writers[i] == 0)
            write_letters(s, (char)('a' + i));
    }
    int fd = confined(s, NULL);
    for (int i = 0; i < 200; i++) {
        struct found f = open_of(fd, "letters");
        assert_int_equal(f.error, 0);
        char letter = 0;
        uint64_t offset = 0;
        for (; offset < f.size; offset += reply.length) {
            assert_int_equal(client_read(fd, f.handle, offset, 30000, &reply), 0);
            assert_true(reply.length > 0);
            letter = letter == 0 ? (char)reply.payload[0] : letter;
            for (uint32_t at = 0; at < reply.length; at++)
                assert_int_equal(reply.payload[at], letter);
        }
        assert_int_equal(offset, f.size);
        assert_true(f.size == 1 || f.size == (letter == 'a' ? 200000 : 100000));
        assert_int_equal(client_close(fd, f.handle), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(writers[i], &status, WNOHANG), 0);
        kill(writers[i], SIGKILL);
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
    }
    close(fd);
    stop(s);
}

/* ---- what must leave everything as it is ---- */

static void leaves_the_old_file_when_the_client_goes(void **state)
{
    struct stage *s = *state;
    struct confined c;

    start(s);
    int fd = writing_with(s, &c, 0);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_REPLACE).error, 0);
    assert_int_equal(client_content(fd, "half of", 7), 0);
    assert_int_equal(stat_of(fd, "hello.txt").size, 6);
    close(fd);
    assert_true(gone_within_a_second(c.pid));
    assert_string_equal(content_of(s, "hello.txt"), "hello\n");
    assert_int_equal(leftovers(s), 0);

    fd = writing_with(s, &c, 0);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_REPLACE).error, 0);
    assert_int_equal(client_content(fd, "half of", 7), 0);
    assert_int_equal(client_send(fd, REQUEST_ABORT, NULL, 0), 0);
    assert_int_equal(stat_of(fd, "hello.txt").size, 6);
    assert_int_equal(leftovers(s), 0);
    assert_int_equal(put(fd, "hello.txt", UPLOAD_REPLACE, "whole").error, 0);
    assert_string_equal(content_of(s, "hello.txt"), "whole");
    close(fd);
    stop(s);
}

static void sweeps_what_the_dead_left_and_nothing_else(void **state)
{
    struct stage *s = *state;
    struct confined dead;
    struct confined living;

    start(s);
    int fd = writing_with(s, &dead, 0);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_REPLACE).error, 0);
    assert_int_equal(client_content(fd, "half of", 7), 0);
    assert_int_equal(stat_of(fd, "hello.txt").size, 6);
    kill(dead.pid, SIGKILL);
    assert_true(gone_within_a_second(dead.pid));
    close(fd);
    assert_int_equal(leftovers(s), 1);
    assert_string_equal(content_of(s, "hello.txt"), "hello\n");

    /* Nobody sees it. */
    int other = writing_with(s, &living, 0);
    const char *name = leftover(s);
    assert_int_equal(stat_of(other, name).error, ENOENT);
    assert_int_equal(open_of(other, name).error, ENOENT);
    assert_int_equal(ask(other, REQUEST_DELETE, name), ENOENT);
    assert_int_equal(create(other, name, UPLOAD_REPLACE).error, EINVAL);
    assert_int_equal(ask(other, REQUEST_MKDIR, ".tomcat-selinux-x"), EINVAL);

    /* The next write sweeps it, and leaves that of the living. */
    assert_int_equal(create(other, "other", UPLOAD_REPLACE).error, 0);
    assert_int_equal(leftovers(s), 1);
    fd = writing(s);
    assert_int_equal(put(fd, "third", UPLOAD_REPLACE, "3").error, 0);
    assert_int_equal(leftovers(s), 1);
    assert_int_equal(client_content(other, "2", 1), 0);
    assert_int_equal(commit(other).error, 0);
    assert_string_equal(content_of(s, "other"), "2");
    assert_int_equal(leftovers(s), 0);
    close(other);

    /* What is only called alike is no leftover. */
    write_file(s->root, ".tomcat-selinux-notes", "x", 1);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "folder"), 0);
    assert_int_equal(leftovers(s), 1);

    /* It keeps no folder from being removed. */
    write_file(path_of(s, "folder"), ".tomcat-selinux-1-2-3", "x", 1);
    assert_int_equal(ask(fd, REQUEST_DELETE, "folder"), 0);
    close(fd);
    stop(s);
}

static void leaves_the_old_file_when_there_is_no_room(void **state)
{
    struct stage *s = *state;
    static char octets[100000];

    start(s);
    int fd = writing_with(s, NULL, 65536);
    for (uint16_t mode = UPLOAD_REPLACE; mode <= UPLOAD_IN_PLACE; mode++) {
        assert_int_equal(create(fd, "hello.txt", mode).error, 0);
        assert_int_equal(client_content(fd, octets, sizeof octets), 0);
        assert_int_equal(client_content(fd, octets, sizeof octets), 0);
        assert_int_equal(commit(fd).error, EFBIG);
        assert_string_equal(content_of(s, "hello.txt"), "hello\n");
        assert_int_equal(leftovers(s), 0);
    }
    assert_int_equal(put(fd, "hello.txt", UPLOAD_REPLACE, "fits").error, 0);
    close(fd);
    stop(s);
}

static void leaves_the_old_file_when_the_disk_is_full(void **state)
{
    struct stage *s = *state;
    static char octets[100000];

    if (mount("none", s->root, "tmpfs", 0, "size=64k") < 0)
        skip();
    write_file(s->root, "hello.txt", "hello\n", 6);
    start(s);
    int fd = writing(s);
    for (uint16_t mode = UPLOAD_REPLACE; mode <= UPLOAD_IN_PLACE; mode++) {
        assert_int_equal(create(fd, "hello.txt", mode).error, 0);
        assert_int_equal(client_content(fd, octets, sizeof octets), 0);
        assert_int_equal(commit(fd).error, ENOSPC);
        assert_string_equal(content_of(s, "hello.txt"), "hello\n");
        assert_int_equal(leftovers(s), 0);
    }
    /* Room for one of them, and not for two. */
    assert_int_equal(create(fd, "hello.txt", UPLOAD_IN_PLACE).error, 0);
    assert_int_equal(client_content(fd, octets, 40000), 0);
    assert_int_equal(commit(fd).error, ENOSPC);
    assert_string_equal(content_of(s, "hello.txt"), "hello\n");
    assert_int_equal(put(fd, "hello.txt", UPLOAD_REPLACE, "fits").error, 0);
    assert_string_equal(content_of(s, "hello.txt"), "fits");
    close(fd);
    stop(s);
    assert_int_equal(umount2(s->root, MNT_DETACH), 0);
}

int run_writing(void);

int run_writing(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(makes_writes_and_deletes),
        STAGED(writes_what_it_reads),
        STAGED(readers_never_see_a_mixture),
        STAGED(readers_and_writers_at_once),
        STAGED(leaves_the_old_file_when_the_client_goes),
        STAGED(sweeps_what_the_dead_left_and_nothing_else),
        STAGED(leaves_the_old_file_when_there_is_no_room),
        STAGED(leaves_the_old_file_when_the_disk_is_full),
    };

    return cmocka_run_group_tests_name("writing", tests, NULL, NULL);
}
