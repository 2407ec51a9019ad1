/* SPDX-License-Identifier: Apache-2.0 */
/* Several roots: what a client gets out of them, in one answer each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

static void make_folder(const struct stage *s, const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

/* A connection confined to these roots, whose folders are below the stage's. */
static int rooted(const struct stage *s, const struct requested_root *roots, unsigned count)
{
    static char folders[ROOTS_MAX][512];
    static struct requested_root absolute[ROOTS_MAX];
    struct confined c;

    for (unsigned i = 0; i < count; i++) {
        absolute[i] = roots[i];
        snprintf(folders[i], sizeof folders[i], "%s/%s", s->folder, roots[i].folder);
        absolute[i].folder = folders[i];
    }
    struct confine_request request = client_request("u:r:t:s0", absolute[0].folder);
    request.roots = (uint16_t)count;
    request.mount = absolute[0].mount;
    request.flags = absolute[0].flags;
    request.more = absolute + 1;
    request.more_count = count - 1;
    int fd = confined_as(s, &request, &c, 0);
    return fd;
}

static void expect_content(int fd, const char *path, uint16_t root, const char *content)
{
    struct found f = open_of(fd, path);

    assert_int_equal(f.error, 0);
    assert_int_equal(f.root, root);
    assert_int_equal(client_read(fd, f.handle, 0, 100, &reply), 0);
    assert_int_equal(reply.length, strlen(content));
    assert_memory_equal(reply.payload, content, reply.length);
    assert_int_equal(client_close(fd, f.handle), 0);
}

struct names {
    unsigned count;
    char last[64];
    uint16_t root;
};

static void count_names(void *context, const char *name, size_t length, const struct found *f)
{
    struct names *n = context;

    n->count++;
    snprintf(n->last, sizeof n->last, "%.*s", (int)length, name);
    n->root = f->root;
}

static struct names list_of(int fd, const char *path, int error)
{
    struct names n = {0};

    assert_int_equal(client_path(fd, REQUEST_LIST, path), 0);
    assert_int_equal(client_entries(fd, &reply, count_names, &n), error);
    return n;
}

static void serves_roots_in_their_order(void **state)
{
    struct stage *s = *state;
    static const struct requested_root roots[] = {
        {"", "root", 1}, {"", "lower", 1}, {"/a/b", "mounted", 1}, {"/lib/x.jar", "mounted/archive", 3}};
    char path[256];

    make_folder(s, "lower");
    make_folder(s, "mounted");
    snprintf(path, sizeof path, "%s/lower", s->folder);
    write_file(path, "hello.txt", "lower\n", 6);
    write_file(path, "only", "lower\n", 6);
    snprintf(path, sizeof path, "%s/mounted", s->folder);
    write_file(path, "archive", "PK", 2);

    start(s);
    int fd = rooted(s, roots, 4);
    expect_content(fd, "hello.txt", 0, "hello\n");
    expect_content(fd, "only", 1, "lower\n");
    expect_content(fd, "a/b/archive", 2, "PK");
    expect_content(fd, "lib/x.jar", 3, "PK");
    assert_int_equal(stat_of(fd, "a").kind, KIND_WAY);
    assert_int_equal(open_of(fd, "a").error, EISDIR);
    assert_int_equal(open_of(fd, "a/b").error, EISDIR);
    assert_int_equal(stat_of(fd, "archive").error, ENOENT);
    assert_int_equal(list_of(fd, "", 0).count, 4); /* hello.txt only a lib */
    struct names jar = list_of(fd, "lib", 0);
    assert_int_equal(jar.count, 1);
    assert_string_equal(jar.last, "x.jar");
    assert_int_equal(jar.root, 3);
    list_of(fd, "lib/x.jar", ENOTDIR);
    list_of(fd, "nowhere", ENOENT);
    close(fd);
    stop(s);
}

static void serves_sixty_four_roots(void **state)
{
    struct stage *s = *state;
    static struct requested_root roots[ROOTS_MAX];
    static char folders[ROOTS_MAX][256];
    char name[224];
    char path[512];

    /* Long names, so that the frame is long as well. */
    for (unsigned i = 0; i < ROOTS_MAX; i++) {
        memset(name, 'x', 200);
        snprintf(name + 200, sizeof name - 200, "%02u", i);
        snprintf(folders[i], sizeof folders[i], "%s", name);
        roots[i] = (struct requested_root){.mount = "", .folder = folders[i], .flags = 1};
        make_folder(s, name);
        snprintf(path, sizeof path, "%s/%s", s->folder, name);
        write_file(path, "common", "x", 1);
        snprintf(name, sizeof name, "own%u", i);
        write_file(path, name, name, strlen(name));
    }
    start(s);
    int fd = rooted(s, roots, ROOTS_MAX);
    expect_content(fd, "own0", 0, "own0");
    expect_content(fd, "own63", 63, "own63");
    assert_int_equal(list_of(fd, "", 0).count, ROOTS_MAX + 1);
    /* With as many files open as there may be. */
    for (int i = 0; i < HANDLES_MAX; i++)
        assert_int_equal(open_of(fd, "own63").error, 0);
    assert_int_equal(list_of(fd, "", 0).count, ROOTS_MAX + 1);
    close(fd);
    stop(s);
}

static void serves_none_where_one_cannot_be_opened(void **state)
{
    struct stage *s = *state;
    char message[512];
    struct confined c;
    const struct requested_root nowhere = {"/m", "/nowhere/at/all", 1};
    const struct requested_root folder = {"/m", s->root, 3};

    start(s);
    struct confine_request request = client_request("u:r:t:s0", s->root);
    request.roots = 2;
    request.more = &nowhere;
    request.more_count = 1;
    int fd = confined_as(s, &request, &c, FAILED_ROOT);
    assert_int_equal(client_failure(&reply, message, sizeof message), ENOENT);
    assert_non_null(strstr(message, "root /nowhere/at/all"));
    assert_closed(fd);
    request.more = &folder;
    fd = confined_as(s, &request, &c, FAILED_ROOT);
    assert_closed(fd);
    stop(s);
}

static void says_who_refused(void **state)
{
    struct stage *s = *state;
    char path[256];

    if (geteuid() != 0)
        skip();
    write_file(s->root, "secret", "secret", 6);
    snprintf(path, sizeof path, "%s/secret", s->root);
    assert_int_equal(chown(path, 12345, 12345) | chmod(path, 0600), 0);
    start(s);
    int fd = confined(s, NULL);
    assert_int_equal(stat_of(fd, "secret").refused, REFUSED_UNIX);
    assert_int_equal(open_of(fd, "secret").refused, REFUSED_UNIX);
    assert_int_equal(stat_of(fd, "nothing").refused, REFUSED_NOT);
    assert_int_equal(stat_of(fd, "hello.txt").refused, REFUSED_NOT);
    close(fd);
    stop(s);
}

int run_mounting(void);

int run_mounting(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(serves_roots_in_their_order),
        STAGED(serves_sixty_four_roots),
        STAGED(serves_none_where_one_cannot_be_opened),
        STAGED(says_who_refused),
    };

    return cmocka_run_group_tests_name("mounting", tests, NULL, NULL);
}
