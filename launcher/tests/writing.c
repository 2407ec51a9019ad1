/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: whole or not at all, and only where the frame said so. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

static char content[4096];

static const char *path_of(const struct stage *s, const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", s->root, name);
    return path;
}

/* What the file holds, or NULL. */
static const char *content_of(const struct stage *s, const char *name)
{
    int fd = open(path_of(s, name), O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    ssize_t n = read(fd, content, sizeof content - 1);
    close(fd);
    assert_true(n >= 0);
    content[n] = '\0';
    return content;
}

static unsigned names_in(const struct stage *s, const char *folder, const char *prefix)
{
    unsigned names = 0;
    DIR *d = opendir(path_of(s, folder));

    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        names += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return names;
}

static unsigned leftovers(const struct stage *s)
{
    return names_in(s, ".", ".tomcat-selinux-");
}

/* The name of one, until the next call. */
static const char *leftover(const struct stage *s)
{
    static char name[256];

    DIR *d = opendir(s->root);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strncmp(e->d_name, ".tomcat", 7) == 0)
            snprintf(name, sizeof name, "%s", e->d_name);
    closedir(d);
    return name;
}

static int writing_with(const struct stage *s, struct confined *c, uint64_t file_size)
{
    struct confined unused;
    struct confine_request request = client_request("u:r:t:s0", s->root);

    request.flags = 0;
    request.file_size = file_size;
    int fd = confined_as(s, &request, c != NULL ? c : &unused, 0);
    return fd;
}

static int writing(const struct stage *s)
{
    return writing_with(s, NULL, 0);
}

static struct found done(int fd)
{
    struct found f = {0};

    assert_int_equal(client_done(fd, &f, &reply), 0);
    return f;
}

static int ask(int fd, uint16_t type, const char *path)
{
    assert_int_equal(client_path(fd, type, path), 0);
    return done(fd).error;
}

static struct found create(int fd, const char *path, uint16_t mode)
{
    assert_int_equal(client_path_and(fd, REQUEST_CREATE, path, mode), 0);
    return done(fd);
}

static struct found commit(int fd)
{
    assert_int_equal(client_commit(fd), 0);
    return done(fd);
}

static struct found put(int fd, const char *path, uint16_t mode, const char *octets)
{
    struct found f = create(fd, path, mode);

    if (f.error != 0)
        return f;
    assert_int_equal(client_content(fd, octets, strlen(octets)), 0);
    return commit(fd);
}

static int access_to(int fd, const char *path, uint16_t what)
{
    assert_int_equal(client_path_and(fd, REQUEST_ACCESS, path, what), 0);
    return done(fd).error;
}

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

/* ---- what is refused ---- */

static void changes_nothing_in_a_root_to_read(void **state)
{
    struct stage *s = *state;

    start(s);
    int fd = confined(s, NULL);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "new"), EROFS);
    assert_int_equal(create(fd, "new", UPLOAD_NEW).error, EROFS);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_IN_PLACE).error, EROFS);
    assert_int_equal(ask(fd, REQUEST_DELETE, "hello.txt"), EROFS);
    assert_int_equal(access_to(fd, "hello.txt", ACCESS_WRITE), EROFS);
    assert_int_equal(access_to(fd, "hello.txt", ACCESS_READ), 0);
    assert_int_equal(access_to(fd, "", ACCESS_READ | ACCESS_DEEP), 0);
    close(fd);
    stop(s);
}

static void refuses_what_is_in_the_way(void **state)
{
    struct stage *s = *state;

    assert_int_equal(mkdir(path_of(s, "folder"), 0755), 0);
    assert_int_equal(symlink("/etc/passwd", path_of(s, "link")), 0);
    assert_int_equal(symlink("folder", path_of(s, "way")), 0);
    assert_int_equal(mkfifo(path_of(s, "fifo"), 0666), 0);
    start(s);
    int fd = writing(s);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_NEW).error, EEXIST);
    assert_int_equal(create(fd, "folder", UPLOAD_NEW).error, EEXIST);
    assert_int_equal(create(fd, "folder", UPLOAD_REPLACE).error, EISDIR);
    assert_int_equal(create(fd, "folder", UPLOAD_IN_PLACE).error, EISDIR);
    assert_int_equal(create(fd, "", UPLOAD_REPLACE).error, EISDIR);
    assert_int_equal(create(fd, "nowhere/x", UPLOAD_REPLACE).error, ENOENT);
    assert_int_equal(create(fd, "hello.txt/x", UPLOAD_REPLACE).error, ENOTDIR);
    assert_int_equal(create(fd, "way/x", UPLOAD_REPLACE).error, ENOENT);
    assert_int_equal(create(fd, "../x", UPLOAD_REPLACE).error, ENOENT);
    for (uint16_t mode = UPLOAD_NEW; mode <= UPLOAD_IN_PLACE; mode++) {
        assert_int_equal(create(fd, "link", mode).error, EEXIST);
        assert_int_equal(create(fd, "fifo", mode).error, EEXIST);
    }
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(create(fd, name, UPLOAD_NEW).error, ENAMETOOLONG);
    assert_int_equal(ask(fd, REQUEST_MKDIR, name), ENAMETOOLONG);
    assert_int_equal(ask(fd, REQUEST_MKDIR, ""), EEXIST);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "hello.txt"), EEXIST);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "way/x"), ENOENT);
    assert_int_equal(ask(fd, REQUEST_DELETE, ""), EBUSY);
    assert_int_equal(ask(fd, REQUEST_DELETE, "link"), ENOENT);
    assert_int_equal(ask(fd, REQUEST_DELETE, "fifo"), ENOENT);
    assert_int_equal(ask(fd, REQUEST_DELETE, "nowhere"), ENOENT);
    /* What comes there meanwhile is not lost. */
    assert_int_equal(create(fd, "late", UPLOAD_REPLACE).error, 0);
    assert_int_equal(symlink("hello.txt", path_of(s, "late")), 0);
    assert_int_equal(commit(fd).error, EEXIST);
    assert_int_equal(create(fd, "late2", UPLOAD_NEW).error, 0);
    write_file(s->root, "late2", "mine", 4);
    assert_int_equal(commit(fd).error, EEXIST);
    assert_string_equal(content_of(s, "late2"), "mine");
    assert_int_equal(leftovers(s), 0);
    close(fd);
    stop(s);
}

static void keeps_to_itself_what_is_on_its_way_in_place(void **state)
{
    struct stage *s = *state;
    struct stat meanwhile;

    start(s);
    int fd = writing(s);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_IN_PLACE).error, 0);
    assert_int_equal(stat(path_of(s, leftover(s)), &meanwhile), 0);
    assert_int_equal(meanwhile.st_mode & 0777, 0600);
    close(fd);
    stop(s);
}

static void writes_through_no_hard_link(void **state)
{
    struct stage *s = *state;
    char outside[512];

    write_file(s->folder, "outside", "theirs", 6);
    snprintf(outside, sizeof outside, "%s/outside", s->folder);
    assert_int_equal(link(outside, path_of(s, "linked")), 0);
    start(s);
    int fd = writing(s);
    struct found f = put(fd, "linked", UPLOAD_IN_PLACE, "mine");
    assert_int_equal(f.error, EPERM);
    assert_int_equal(f.refused, REFUSED_CONFLICT);
    assert_string_equal(content_of(s, "linked"), "theirs");
    /* A link that comes meanwhile. */
    assert_int_equal(create(fd, "hello.txt", UPLOAD_IN_PLACE).error, 0);
    assert_int_equal(client_content(fd, "mine", 4), 0);
    snprintf(outside, sizeof outside, "%s/hello", s->folder);
    assert_int_equal(link(path_of(s, "hello.txt"), outside), 0);
    assert_int_equal(commit(fd).refused, REFUSED_CONFLICT);
    assert_string_equal(content_of(s, "hello.txt"), "hello\n");
    /* To replace one is no harm to the other. */
    assert_int_equal(put(fd, "linked", UPLOAD_REPLACE, "mine").error, 0);
    assert_string_equal(content_of(s, "linked"), "mine");
    assert_string_equal(content_of(s, "../outside"), "theirs");
    assert_int_equal(leftovers(s), 0);
    close(fd);
    stop(s);
}

static void gives_nobody_a_right_by_replacing(void **state)
{
    struct stage *s = *state;
    struct stat st;

    if (geteuid() != 0)
        skip();
    write_file(s->root, "theirs", "theirs", 6);
    assert_int_equal(chmod(path_of(s, "theirs"), 0666), 0);
    assert_int_equal(chown(path_of(s, "theirs"), 12345, 0), 0);
    write_file(s->root, "group", "group", 5);
    assert_int_equal(chown(path_of(s, "group"), 0, 12345), 0);
    write_file(s->root, "mode", "mode", 4);
    assert_int_equal(chmod(path_of(s, "mode"), 0604), 0);
    write_file(s->root, "denied", "denied", 6);
    assert_int_equal(chmod(path_of(s, "denied"), 0600) | chown(path_of(s, "denied"), 12345, 0), 0);
    write_file(s->root, "label", "label", 5);
    bool labelled = setxattr(path_of(s, "label"), "security.selinux", "u:object_r:t:s0", 16, 0) == 0;

    start(s);
    int fd = writing(s);
    struct found f = create(fd, "theirs", UPLOAD_REPLACE);
    assert_int_equal(f.error, EPERM);
    assert_int_equal(f.refused, REFUSED_CONFLICT);
    assert_int_equal(put(fd, "theirs", UPLOAD_IN_PLACE, "shared").error, 0);
    assert_string_equal(content_of(s, "theirs"), "shared");
    assert_int_equal(stat(path_of(s, "theirs"), &st), 0);
    assert_int_equal(st.st_uid, 12345);
    assert_int_equal(create(fd, "group", UPLOAD_REPLACE).refused, REFUSED_CONFLICT);
    assert_int_equal(put(fd, "mode", UPLOAD_REPLACE, "kept").error, 0);
    assert_int_equal(stat(path_of(s, "mode"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    for (uint16_t mode = UPLOAD_REPLACE; mode <= UPLOAD_IN_PLACE; mode++) {
        f = create(fd, "denied", mode);
        assert_int_equal(f.error, EACCES);
        assert_int_equal(f.refused, REFUSED_UNIX);
    }
    if (labelled) {
        assert_int_equal(create(fd, "label", UPLOAD_REPLACE).refused, REFUSED_CONFLICT);
        assert_int_equal(put(fd, "label", UPLOAD_IN_PLACE, "kept").error, 0);
    }
    /* The label that was right when the upload began. */
    assert_int_equal(create(fd, "mode", UPLOAD_REPLACE).error, 0);
    assert_int_equal(chmod(path_of(s, "mode"), 0600), 0);
    assert_int_equal(commit(fd).refused, REFUSED_CONFLICT);
    assert_string_equal(content_of(s, "mode"), "kept");
    assert_int_equal(leftovers(s), 0);
    close(fd);
    stop(s);
}

static void writes_into_a_folder_that_it_may_not_read(void **state)
{
    struct stage *s = *state;

    assert_int_equal(mkdir(path_of(s, "box"), 0755), 0);
    assert_int_equal(chmod(path_of(s, "box"), 0300), 0);
    start(s);
    int fd = writing(s);
    assert_int_equal(stat_of(fd, "box").error, EACCES);
    assert_int_equal(put(fd, "box/file", UPLOAD_NEW, "thrown in").error, 0);
    assert_string_equal(content_of(s, "box/file"), "thrown in");
    assert_int_equal(put(fd, "box/file", UPLOAD_REPLACE, "again").error, 0);
    assert_string_equal(content_of(s, "box/file"), "again");
    assert_int_equal(ask(fd, REQUEST_MKDIR, "box/folder"), 0);
    assert_int_equal(ask(fd, REQUEST_DELETE, "box/folder"), 0);
    assert_int_equal(ask(fd, REQUEST_DELETE, "box/file"), 0);
    /* One that is not to be written to, either. */
    assert_int_equal(chmod(path_of(s, "box"), 0500), 0);
    struct found f = create(fd, "box/file", UPLOAD_NEW);
    assert_int_equal(f.error, EACCES);
    assert_int_equal(f.refused, REFUSED_UNIX);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "box/folder"), EACCES);
    close(fd);
    stop(s);
}

static void asks_for_access(void **state)
{
    struct stage *s = *state;

    assert_int_equal(mkdir(path_of(s, "folder"), 0755), 0);
    assert_int_equal(mkdir(path_of(s, "folder/below"), 0755), 0);
    write_file(path_of(s, "folder/below"), "file", "x", 1);
    start(s);
    int fd = writing(s);
    enum { ALL = ACCESS_READ | ACCESS_WRITE | ACCESS_DEEP };
    assert_int_equal(access_to(fd, "hello.txt", ACCESS_READ | ACCESS_WRITE), 0);
    assert_int_equal(access_to(fd, "folder", ALL), 0);
    assert_int_equal(access_to(fd, "", ALL), 0);
    assert_int_equal(access_to(fd, "nothing", ACCESS_READ), ENOENT);
    assert_int_equal(access_to(fd, "nothing", ACCESS_WRITE), ENOENT);
    if (geteuid() == 0) {
        assert_int_equal(chown(path_of(s, "folder/below/file"), 12345, 12345), 0);
        assert_int_equal(access_to(fd, "folder", ACCESS_READ | ACCESS_DEEP), 0);
        assert_int_equal(access_to(fd, "folder", ACCESS_WRITE), 0);
        assert_int_equal(access_to(fd, "folder", ALL), EACCES);
        assert_int_equal(access_to(fd, "folder/below/file", ACCESS_WRITE), EACCES);
        assert_int_equal(access_to(fd, "folder/below/file", ACCESS_READ), 0);
    }
    assert_string_equal(content_of(s, "hello.txt"), "hello\n");
    /* Deeper than it goes: refused, not left out. */
    char path[512] = "deep";
    for (int i = 0; i < 70; i++) {
        assert_int_equal(mkdir(path_of(s, path), 0755), 0);
        strcat(path, "/d");
    }
    assert_int_equal(access_to(fd, "deep", ACCESS_READ | ACCESS_DEEP), EMFILE);
    assert_int_equal(stat_of(fd, "hello.txt").error, 0);
    close(fd);
    stop(s);
}

static void writes_only_below_the_root_to_write_to(void **state)
{
    struct stage *s = *state;
    struct confined c;
    char lower[256];
    char outside[256];

    snprintf(lower, sizeof lower, "%s/lower", s->folder);
    snprintf(outside, sizeof outside, "%s/mounted", s->folder);
    assert_int_equal(mkdir(lower, 0755) | mkdir(outside, 0755), 0);
    write_file(lower, "lower", "l", 1);
    const struct requested_root more[] = {{"", lower, 0}, {"/m", outside, 1}};
    start(s);
    struct confine_request request = client_request("u:r:t:s0", s->root);
    request.roots = 3;
    request.more = more;
    request.more_count = 2;
    int fd = confined_as(s, &request, &c, 0);
    struct found f = put(fd, "new", UPLOAD_NEW, "n");
    assert_int_equal(f.error, 0);
    assert_int_equal(f.root, 1);
    assert_string_equal(content_of(s, "../lower/new"), "n");
    assert_int_equal(create(fd, "hello.txt", UPLOAD_NEW).error, EEXIST);
    assert_int_equal(create(fd, "hello.txt", UPLOAD_REPLACE).error, EROFS);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "hello.txt"), EEXIST);
    assert_int_equal(ask(fd, REQUEST_DELETE, "hello.txt"), EROFS);
    assert_int_equal(create(fd, "m", UPLOAD_REPLACE).error, EISDIR);
    assert_int_equal(ask(fd, REQUEST_MKDIR, "m/x"), ENOENT);
    assert_int_equal(ask(fd, REQUEST_DELETE, "m"), EROFS);
    assert_int_equal(access_to(fd, "lower", ACCESS_WRITE), 0);
    assert_int_equal(access_to(fd, "", ACCESS_WRITE), EROFS);
    assert_int_equal(ask(fd, REQUEST_DELETE, "lower"), 0);
    close(fd);
    stop(s);
}

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

/* ---- the states ---- */

static void one_upload_at_a_time(void **state)
{
    struct stage *s = *state;
    static const uint16_t outside[] = {REQUEST_CONTENT, REQUEST_COMMIT, REQUEST_ABORT};
    static const uint16_t inside[] = {REQUEST_MKDIR, REQUEST_CREATE, REQUEST_DELETE, REQUEST_ACCESS};

    start(s);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        int fd = writing(s);
        client_send(fd, outside[i], NULL, 0);
        assert_closed(fd);
    }
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        int fd = writing(s);
        assert_int_equal(create(fd, "new", UPLOAD_NEW).error, 0);
        client_path_and(fd, inside[i], "new2", 0);
        assert_closed(fd);
    }
    for (uint16_t mode = UPLOAD_IN_PLACE + 1; mode < 10; mode++) {
        int fd = writing(s);
        client_path_and(fd, REQUEST_CREATE, "new", mode);
        assert_closed(fd);
    }
    assert_int_equal(leftovers(s), 0);
    assert_null(content_of(s, "new"));
    stop(s);
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
        STAGED(changes_nothing_in_a_root_to_read),
        STAGED(refuses_what_is_in_the_way),
        STAGED(keeps_to_itself_what_is_on_its_way_in_place),
        STAGED(writes_through_no_hard_link),
        STAGED(gives_nobody_a_right_by_replacing),
        STAGED(writes_into_a_folder_that_it_may_not_read),
        STAGED(asks_for_access),
        STAGED(writes_only_below_the_root_to_write_to),
        STAGED(who_only_reads_has_forgotten_how_to_write),
        STAGED(one_upload_at_a_time),
    };

    return cmocka_run_group_tests_name("writing", tests, NULL, NULL);
}
