/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of listing.c: roots united, each name once, and all or nothing. */
#include "listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol.h"
#include "testing.h"

static struct root table[ROOTS_MAX];
static struct roots roots = {.root = table};
static char listed[8192];

static int setup(void **state)
{
    static char folder[] = "/tmp/listing-test.XXXXXX";

    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) < 0 ||
           system(
               "mkdir -p 0/d 1/d/sub 2 && touch 0/both 1/both 0/only0 1/only1 2/mine 0/d/x 1/d/y 1/d/x "
               "0/file && "
               "mkdir 1/file && touch 1/file/z 0/.tomcat-selinux-1 && ln -s both 0/link && touch 1/link") !=
               0;
}

static int teardown(void **state)
{
    (void)state;
    return chdir("/") | system("rm -rf /tmp/listing-test.??????");
}

static void clear(void)
{
    while (roots.count > 0)
        close(table[--roots.count].folder);
}

static void add(const char *folder, const char *mount)
{
    struct root *root = &table[roots.count++];

    *root =
        (struct root){.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), .mount = mount, .file = -1};
    assert_true(root->folder >= 0);
}

static int note(void *context, const char *name, size_t length, const struct found *f)
{
    size_t used = strlen(listed);

    (void)context;
    snprintf(listed + used, sizeof listed - used, "%.*s=%u%c ", (int)length, name, f->root,
             "?fdw"[f->attributes.kind]);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list, sorted; returns found->error. */
static int list(const char *path)
{
    static char sorted[sizeof listed];
    char *words[256] = {0};
    size_t n = 0;
    struct found found;

    listed[0] = '\0';
    assert_int_equal(listing_walk(&roots, path, &found, note, NULL), 0);
    for (char *word = strtok(listed, " "); word != NULL; word = strtok(NULL, " "))
        words[n++] = word;
    qsort(words, n, sizeof words[0], compare);
    sorted[0] = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(strcat(sorted, words[i]), " ");
    strcpy(listed, sorted);
    return found.error;
}

static void a_name_is_listed_once(void **state)
{
    (void)state;
    add("0", "");
    assert_int_equal(list(""), 0);
    assert_string_equal(listed, "both=0f d=0d file=0f only0=0f ");
    add("1", "");
    assert_int_equal(list(""), 0);
    assert_string_equal(listed, "both=0f d=0d file=0f link=1f only0=0f only1=1f ");
    assert_int_equal(list("d"), 0);
    assert_string_equal(listed, "sub=1d x=0f y=1f ");
    assert_int_equal(list("d/sub"), 0);
    assert_string_equal(listed, "");
    /* A file of the first root hides the folder of the second. */
    assert_int_equal(list("file"), ENOTDIR);
    assert_int_equal(list("nothing"), ENOENT);
    assert_int_equal(list("only0/x"), ENOENT);
    clear();
}

static void mounts_and_the_way_there_are_listed(void **state)
{
    (void)state;
    add("0", "");
    add("2", "/d/here");
    add("2", "/far/away/there");
    add("2", "/far/near");
    add("2", "/both");
    assert_int_equal(list(""), 0);
    assert_string_equal(listed, "both=0f d=0d far=0w file=0f only0=0f ");
    assert_int_equal(list("d"), 0);
    assert_string_equal(listed, "here=1d x=0f ");
    assert_int_equal(list("d/here"), 0);
    assert_string_equal(listed, "mine=1f ");
    assert_int_equal(list("far"), 0);
    assert_string_equal(listed, "away=0w near=3d ");
    assert_int_equal(list("far/away"), 0);
    assert_string_equal(listed, "there=2d ");
    assert_int_equal(list("far/off"), ENOENT);
    clear();
}

static void an_archive_is_listed_where_it_is_mounted(void **state)
{
    (void)state;
    add("0", "");
    add("2", "/d/jar");
    table[1].archive = "mine";
    assert_int_equal(list("d"), 0);
    assert_string_equal(listed, "jar=1f x=0f ");
    assert_int_equal(list("d/jar"), ENOTDIR);
    clear();
}

static void what_is_denied_is_left_out_and_hides(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    add("0", "");
    add("1", "");
    assert_int_equal(chmod("0/both", 0600), 0);
    assert_int_equal(seteuid(12345), 0);
    int error = list("");
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod("0/both", 0644), 0);
    assert_int_equal(error, 0);
    assert_string_equal(listed, "d=0d file=0f link=1f only0=0f only1=1f ");

    struct found found;
    assert_int_equal(chmod("1/d", 0711), 0);
    assert_int_equal(seteuid(12345), 0);
    int r = listing_walk(&roots, "d", &found, note, NULL);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod("1/d", 0755), 0);
    assert_int_equal(r, 0);
    assert_int_equal(found.error, EACCES);
    assert_int_equal(found.refused, REFUSED_UNIX);
    assert_int_equal(found.root, 1);
    clear();
}

static void too_few_descriptors_are_no_short_list(void **state)
{
    struct rlimit before;
    char name[128];

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int i = 0; i < ROOTS_MAX; i++) {
        snprintf(name, sizeof name, "mkdir many%d && touch many%d/f%d", i, i, i);
        assert_int_equal(system(name), 0);
        snprintf(name, sizeof name, "many%d", i);
        add(name, "");
    }
    assert_int_equal(list(""), 0);
    unsigned names = 0;
    for (const char *at = listed; (at = strchr(at, '=')) != NULL; at++)
        names++;
    assert_int_equal(names, ROOTS_MAX);

    struct rlimit few = {.rlim_cur = (rlim_t)table[ROOTS_MAX - 1].folder + 33, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int error = list("");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(error, EMFILE);
    assert_string_equal(listed, "");
    clear();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_listed_once),
        cmocka_unit_test(mounts_and_the_way_there_are_listed),
        cmocka_unit_test(an_archive_is_listed_where_it_is_mounted),
        cmocka_unit_test(what_is_denied_is_left_out_and_hides),
        cmocka_unit_test(too_few_descriptors_are_no_short_list),
    };

    return cmocka_run_group_tests_name("listing", tests, setup, teardown);
}
