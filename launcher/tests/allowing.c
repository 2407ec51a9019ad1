/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's own file: what it allows, what it does not, and files that the launcher does not obey. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

/* The file must be root's. */
static void needs_root(void)
{
    if (geteuid() != 0)
        skip();
}

static const char *file_of(const struct stage *s)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/launcher.conf", s->folder);
    return path;
}

static void write_config(const struct stage *s, const char *text)
{
    write_file(s->folder, "launcher.conf", text, strlen(text));
}

static void start_configured(struct stage *s, const char *text)
{
    write_config(s, text);
    start_with(s, (const char *const[]){"--config", file_of(s), NULL});
}

static void allow_root(const struct stage *s, char *text, size_t size, const char *client)
{
    snprintf(text, size, "client %s\nallow shop_t s0-s0:c1.c9 %s\n", client, s->root);
}

static void assert_refused(const struct stage *s, const char *context, const char *folder, const char *words)
{
    struct confine_request request = client_request(context, folder);
    struct confined c;
    char message[4096];

    int fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
    assert_int_equal(client_failure(&reply, message, sizeof message), 0);
    if (strstr(message, words) == NULL)
        print_error("[%s] instead of [%s]\n", message, words);
    assert_non_null(strstr(message, words));
    assert_closed(fd);
}

static void serves_what_its_file_allows(void **state)
{
    struct stage *s = *state;
    char text[512];
    char folder[128];
    struct confined c;

    needs_root();
    snprintf(folder, sizeof folder, "%s/deeper", s->root);
    assert_int_equal(mkdir(folder, 0755), 0);
    allow_root(s, text, sizeof text, "0 tomcat_t");
    start_configured(s, text);
    const char *const folders[] = {s->root, folder};
    for (size_t i = 0; i < 2; i++) {
        struct confine_request request = client_request("u:r:shop_t:s0:c3", folders[i]);
        int fd = confined_as(s, &request, &c, 0);
        assert_int_equal(stat_of(fd, "").error, 0);
        close(fd);
    }
    stop(s);
}

static void refuses_what_its_file_does_not_allow(void **state)
{
    struct stage *s = *state;
    char text[512];
    char folder[128];

    needs_root();
    allow_root(s, text, sizeof text, "0 tomcat_t");
    start_configured(s, text);
    assert_refused(s, "u:r:admin_t:s0:c3", s->root, "allows this domain to");
    expect_line(s->errors, "allows this domain to pid ");
    assert_refused(s, "u:r:shop_t:s0:c10", s->root, "allows this domain at this range to");
    expect_line(s->errors, "context u:r:shop_t:s0:c10, root /");
    assert_refused(s, "u:r:shop_t", s->root, "allows this domain at this range to");
    assert_refused(s, "u:r:shop_t:s0", s->folder, "allows this domain at this range with this root to");
    expect_line(s->errors, "launcher.conf allows this domain at this range with this root to pid ");
    snprintf(folder, sizeof folder, "%s/../root", s->root);
    assert_refused(s, "u:r:shop_t:s0", folder, "with this root");
    snprintf(folder, sizeof folder, "%sx", s->root);
    assert_refused(s, "u:r:shop_t:s0", folder, "with this root");
    /* The next one, who asks for what is allowed, is served. */
    struct confine_request request = client_request("u:r:shop_t:s0", s->root);
    struct confined c;
    int fd = confined_as(s, &request, &c, 0);
    close(fd);
    stop(s);
}

static void writes_only_where_its_file_allows_it(void **state)
{
    struct stage *s = *state;
    char text[512];
    char folder[128];
    struct confined c;
    struct found outcome;

    needs_root();
    snprintf(folder, sizeof folder, "%s/written", s->root);
    assert_int_equal(mkdir(folder, 0755), 0);
    snprintf(text, sizeof text, "client 0 tomcat_t\nallow shop_t s0 %s\nallow shop_t s0 %s write\n", s->root,
             folder);
    start_configured(s, text);
    struct confine_request request = client_request("u:r:shop_t:s0", s->root);
    request.flags = 0;
    int fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
    assert_closed(fd);
    expect_line(s->errors, "writing to this root");
    /* Beside one to read. */
    const struct requested_root read = {"/read", s->root, PROTOCOL_ROOT_READ_ONLY};
    request.folder = folder;
    request.roots = 2;
    request.more = &read;
    request.more_count = 1;
    fd = confined_as(s, &request, &c, 0);
    assert_int_equal(client_path(fd, REQUEST_MKDIR, "new"), 0);
    assert_int_equal(client_done(fd, &outcome, &reply), 0);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(client_path(fd, REQUEST_MKDIR, "read/new"), 0);
    assert_int_equal(client_done(fd, &outcome, &reply), 0);
    assert_int_equal(outcome.error, ENOENT);
    close(fd);
    stop(s);
}

static void cuts_off_whom_its_file_does_not_name(void **state)
{
    struct stage *s = *state;
    char text[512];

    needs_root();
    allow_root(s, text, sizeof text, "12345 tomcat_t");
    start_configured(s, text);
    struct stat st;
    assert_int_equal(stat(s->socket, &st), 0);
    assert_int_equal(st.st_uid, 12345);
    assert_closed(connected(s));
    expect_line(s->errors, "has uid 0, which no client in ");
    stop(s);
}

/* A table that is read once cannot be changed under the launcher. */
static void does_not_look_at_its_file_again(void **state)
{
    struct stage *s = *state;
    char text[512];

    needs_root();
    allow_root(s, text, sizeof text, "0 tomcat_t");
    start_configured(s, text);
    write_config(s, "client 0 tomcat_t\nallow admin_t s0 /\n");
    for (int i = 0; i < 20; i++)
        assert_refused(s, "u:r:admin_t:s0", "/", "allows this domain to");
    stop(s);
}

/* ---- starting ---- */

static void assert_does_not_start(struct stage *s, const char *file, const char *const *words)
{
    execute(s, (const char *const[]){"--child", "--not-enforcing", "--socket", s->socket, "--config", file,
                                     NULL});
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, 78);
    for (; *words != NULL; words++)
        expect_line(s->errors, *words);
    assert_int_equal(access(s->socket, F_OK), -1);
    close(s->input);
    close(s->output);
    close(s->errors);
}

#define ASSERT_DOES_NOT_START(s, file, ...)                                                                  \
    assert_does_not_start(s, file, (const char *const[]){__VA_ARGS__, NULL})

static void says_all_that_is_wrong_in_its_file(void **state)
{
    struct stage *s = *state;

    needs_root();
    write_config(s, "client tomcat tomcat_t\nallow shop_t s0:c1024 /srv\nallow shop_t s0 srv\n");
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf:1: [tomcat]: expected a numeric user id",
                          "launcher.conf:2: [s0:c1024]: expected a level",
                          "launcher.conf:3: [srv]: expected the absolute path");
    write_config(s, "");
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf: [client]: expected at least one");
    static char long_file[65537];
    memset(long_file, '\n', sizeof long_file);
    write_file(s->folder, "launcher.conf", long_file, sizeof long_file);
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf: is longer than 65536 octets");
    memset(long_file, 'x', 60);
    for (size_t i = 1; i < 60; i += 2)
        long_file[i] = '\n';
    write_file(s->folder, "launcher.conf", long_file, 60);
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf:20: [x]: expected", "launcher.conf: 11 more");
}

static void does_not_obey_a_file_that_others_could_have_written(void **state)
{
    struct stage *s = *state;
    char text[512];
    char link[128];

    needs_root();
    allow_root(s, text, sizeof text, "0 tomcat_t");
    write_config(s, text);
    assert_int_equal(chmod(file_of(s), 0664), 0);
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf: its group or others may write to it (chmod go-w)");
    assert_int_equal(chmod(file_of(s), 0646), 0);
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf: its group or others may write to it (chmod go-w)");
    assert_int_equal(chmod(file_of(s), 0644), 0);
    assert_int_equal(chown(file_of(s), 12345, 0), 0);
    ASSERT_DOES_NOT_START(s, file_of(s), "launcher.conf: belongs to user 12345, not to root");
    assert_int_equal(chown(file_of(s), 0, 0), 0);
    snprintf(link, sizeof link, "%s/link.conf", s->folder);
    assert_int_equal(symlink("launcher.conf", link), 0);
    ASSERT_DOES_NOT_START(s, link, "link.conf: is a symbolic link");
    snprintf(link, sizeof link, "%s/fifo.conf", s->folder);
    assert_int_equal(mkfifo(link, 0600), 0);
    ASSERT_DOES_NOT_START(s, link, "fifo.conf: is not a regular file");
    ASSERT_DOES_NOT_START(s, s->root, "root: is not a regular file");
    ASSERT_DOES_NOT_START(s, "/nonexistent/launcher.conf", "launcher.conf: No such file");
    /* The denied ones were denied for what they are: the file itself is good. */
    start_with(s, (const char *const[]){"--config", file_of(s), NULL});
    stop(s);
}

int run_allowing(void);

int run_allowing(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(serves_what_its_file_allows),
        STAGED(refuses_what_its_file_does_not_allow),
        STAGED(writes_only_where_its_file_allows_it),
        STAGED(cuts_off_whom_its_file_does_not_name),
        STAGED(does_not_look_at_its_file_again),
        STAGED(says_all_that_is_wrong_in_its_file),
        STAGED(does_not_obey_a_file_that_others_could_have_written),
    };

    return cmocka_run_group_tests_name("allowing", tests, NULL, NULL);
}
