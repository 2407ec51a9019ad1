/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that are refused: only where the frame said so, only what the file system allows, one at a time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "protocol.h"
#include "writing_stage.h"

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

static void denies_access_to_what_is_somebody_elses(void **state)
{
    struct stage *s = *state;
    enum { ALL = ACCESS_READ | ACCESS_WRITE | ACCESS_DEEP };

    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(path_of(s, "folder"), 0755), 0);
    assert_int_equal(mkdir(path_of(s, "folder/below"), 0755), 0);
    write_file(path_of(s, "folder/below"), "file", "x", 1);
    start(s);
    int fd = writing(s);
    assert_int_equal(chown(path_of(s, "folder/below/file"), 12345, 12345), 0);
    assert_int_equal(access_to(fd, "folder", ACCESS_READ | ACCESS_DEEP), 0);
    assert_int_equal(access_to(fd, "folder", ACCESS_WRITE), 0);
    assert_int_equal(access_to(fd, "folder", ALL), EACCES);
    assert_int_equal(access_to(fd, "folder/below/file", ACCESS_WRITE), EACCES);
    assert_int_equal(access_to(fd, "folder/below/file", ACCESS_READ), 0);
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

int run_writing_refused(void);

int run_writing_refused(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(changes_nothing_in_a_root_to_read),
        STAGED(refuses_what_is_in_the_way),
        STAGED(keeps_to_itself_what_is_on_its_way_in_place),
        STAGED(writes_through_no_hard_link),
        STAGED(gives_nobody_a_right_by_replacing),
        STAGED(writes_into_a_folder_that_it_may_not_read),
        STAGED(asks_for_access),
        STAGED(denies_access_to_what_is_somebody_elses),
        STAGED(writes_only_below_the_root_to_write_to),
        STAGED(one_upload_at_a_time),
    };

    return cmocka_run_group_tests_name("writing, refused", tests, NULL, NULL);
}
