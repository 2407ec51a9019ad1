/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of confine.c: every field short by one, long by one, changed, and where its rules end. */
#include "confine.h"

#include <stdlib.h>
#include <string.h>

#include "protocol.h"
#include "testing.h"

/* What a payload says; each test changes one field of it. */
struct payload {
    uint16_t version, way;
    uint32_t progress_timeout;
    const char *context, *id, *user, *group;
    uint16_t capability_count;
    const char *capability;
    uint16_t processes;
    uint16_t root_count;
    const char *mount, *folder;
    uint16_t flags;
};

static const struct payload good = {
    .version = 1,
    .way = 1,
    .progress_timeout = 60000,
    .context = "u:r:t:s0:c1",
    .id = "Az0._-9",
    .user = "",
    .group = "",
    .capability = "",
    .root_count = 1,
    .mount = "",
    .folder = "/srv/a",
    .flags = PROTOCOL_ROOT_READ_ONLY,
};

static uint8_t frame[2 * FRAME_MAX_CONFINE];

static void put_text(struct writer *w, const char *text)
{
    put_string(w, text, strlen(text));
}

/* Writes as many capabilities and roots as are counted, all the same. Returns the length of the payload. */
static size_t write_payload(const struct payload *p)
{
    struct writer w = {.start = frame, .size = sizeof frame};

    frame_begin(&w, REQUEST_CONFINE);
    put_u16(&w, p->version);
    put_u16(&w, p->way);
    put_u32(&w, p->progress_timeout);
    put_u32(&w, 90000);
    put_text(&w, p->context);
    put_text(&w, p->id);
    put_text(&w, p->user);
    put_text(&w, p->group);
    put_u16(&w, p->capability_count);
    for (unsigned i = 0; i < p->capability_count; i++)
        put_text(&w, p->capability);
    put_u64(&w, 0);
    put_u32(&w, 0);
    put_u64(&w, 0);
    put_u16(&w, 0);
    put_u16(&w, p->processes);
    put_u16(&w, p->root_count);
    for (unsigned i = 0; i < p->root_count; i++) {
        put_text(&w, p->mount);
        put_text(&w, p->folder);
        put_u16(&w, p->flags);
    }
    size_t size = frame_end(&w);
    assert_true(size > FRAME_HEADER);
    return size - FRAME_HEADER;
}

static struct confine parsed;

/* On the heap and of the exact length, so that the address sanitizer sees one octet too many. */
static int parse(size_t length)
{
    const char *why = NULL;
    uint8_t *exact = malloc(length + (length == 0));

    assert_non_null(exact);
    memcpy(exact, frame + FRAME_HEADER, length);
    int r = confine_parse(exact, length, &parsed, &why);
    assert_int_equal(r == 0, why == NULL);
    free(exact);
    return r;
}

static void reads_confine(void **state)
{
    const char *why = NULL;
    struct confine_root root;

    (void)state;
    size_t length = write_payload(&good);
    assert_int_equal(confine_parse(frame + FRAME_HEADER, length, &parsed, &why), 0);
    assert_int_equal(parsed.progress_timeout, 60000);
    assert_int_equal(parsed.total_timeout, 90000);
    assert_int_equal(parsed.context.length, 11);
    assert_memory_equal(parsed.context.octets, "u:r:t:s0:c1", 11);
    assert_int_equal(parsed.request_id.length, 7);
    assert_int_equal(parsed.user.length, 0);
    assert_int_equal(parsed.group.length, 0);
    assert_int_equal(parsed.capabilities.count, 0);
    assert_int_equal(parsed.roots.count, 1);
    assert_true(confine_next_root(&parsed.roots, &root));
    assert_int_equal(root.mount.length, 0);
    assert_int_equal(root.flags, PROTOCOL_ROOT_READ_ONLY);
    assert_string_equal(text_terminate(&root.folder), "/srv/a");
    assert_false(confine_next_root(&parsed.roots, &root));
}

static void refuses_confine_cut_anywhere_or_too_long(void **state)
{
    (void)state;
    size_t length = write_payload(&good);
    frame[FRAME_HEADER + length] = 0;
    for (size_t cut = 0; cut <= length + 1; cut++)
        assert_int_equal(parse(cut), cut == length ? 0 : FAILED_MALFORMED);
}

static void never_reads_past_a_changed_confine(void **state)
{
    struct payload p = good;

    (void)state;
    p.capability_count = 2;
    p.capability = "CAP_A";
    p.root_count = 2;
    size_t length = write_payload(&p);
    for (size_t at = 0; at < length; at++) {
        uint8_t before = frame[FRAME_HEADER + at];
        for (int value = 0; value < 256; value++) {
            frame[FRAME_HEADER + at] = (uint8_t)value;
            assert_in_range(parse(length), 0, FAILED_NOT_ALLOWED);
        }
        frame[FRAME_HEADER + at] = before;
    }
}

#define REFUSED(field, value, reason)                                                                        \
    do {                                                                                                     \
        struct payload p = good;                                                                             \
        p.field = (value);                                                                                   \
        assert_int_equal(parse(write_payload(&p)), reason);                                                  \
    } while (0)

static void refuses_what_no_frame_may_hold(void **state)
{
    char name[ACCOUNT_NAME_MAX + 2];

    (void)state;
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    REFUSED(user, name, FAILED_MALFORMED);
    REFUSED(group, name, FAILED_MALFORMED);
    REFUSED(root_count, 0, 0);
    REFUSED(root_count, ROOTS_MAX + 1, FAILED_MALFORMED);
    REFUSED(capability_count, CAPABILITIES_MAX + 1, FAILED_MALFORMED);
    REFUSED(capability_count, 1, FAILED_MALFORMED);
    static const char *const mounts[] = {"/", "a", "a/b", "/a/", "//a", "/a//b", "/.", "/a/..", "/../a"};
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++)
        REFUSED(mount, mounts[i], FAILED_MALFORMED);
    REFUSED(folder, "", FAILED_MALFORMED);
    REFUSED(folder, "srv", FAILED_MALFORMED);
}

static void refuses_what_this_launcher_does_not_do(void **state)
{
    (void)state;
    REFUSED(processes, 1, FAILED_NOT_ALLOWED);
    static const char *const roots[] = {"root", "0", "00"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        REFUSED(user, roots[i], FAILED_NOT_ALLOWED);
        REFUSED(group, roots[i], FAILED_NOT_ALLOWED);
    }
    REFUSED(user, "nobody", 0);
    REFUSED(group, "nogroup", 0);
    REFUSED(flags, PROTOCOL_ROOT_ARCHIVE, FAILED_NOT_ALLOWED);
    REFUSED(flags, 1 << 2 | PROTOCOL_ROOT_READ_ONLY, FAILED_NOT_ALLOWED);
    for (uint16_t i = 0; i < 3; i++) {
        struct payload p = good;
        p.way = PROTOCOL_WAY_PROGRAMS;
        assert_int_equal(parse(write_payload(&p)), 0);
        p.root_count = i == 0 ? 2 : 1;
        p.mount = i == 1 ? "/m" : "";
        p.flags = i == 2 ? PROTOCOL_ROOT_READ_ONLY | PROTOCOL_ROOT_ARCHIVE : PROTOCOL_ROOT_READ_ONLY;
        assert_int_equal(parse(write_payload(&p)), FAILED_NOT_ALLOWED);
    }
}

/* The parser refuses them for now, after having set the list up. */
static void goes_through_all_roots_and_names(void **state)
{
    const char *why = NULL;
    struct payload p = good;
    struct confine_root root;
    struct text name;

    (void)state;
    p.capability = "CAP_CHOWN";
    p.capability_count = CAPABILITIES_MAX;
    p.root_count = ROOTS_MAX;
    p.mount = "/m/n";
    confine_parse(frame + FRAME_HEADER, write_payload(&p), &parsed, &why);
    unsigned names = 0;
    for (; confine_next_capability(&parsed.capabilities, &name); names++)
        assert_memory_equal(name.octets, "CAP_CHOWN", name.length);
    assert_int_equal(names, CAPABILITIES_MAX);
    unsigned roots = 0;
    for (; confine_next_root(&parsed.roots, &root); roots++) {
        assert_string_equal(text_terminate(&root.mount), "/m/n");
        assert_string_equal(text_terminate(&root.folder), "/srv/a");
        assert_int_equal(root.flags, PROTOCOL_ROOT_READ_ONLY);
    }
    assert_int_equal(roots, ROOTS_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_confine),
        cmocka_unit_test(refuses_confine_cut_anywhere_or_too_long),
        cmocka_unit_test(never_reads_past_a_changed_confine),
        cmocka_unit_test(refuses_what_no_frame_may_hold),
        cmocka_unit_test(refuses_what_this_launcher_does_not_do),
        cmocka_unit_test(goes_through_all_roots_and_names),
    };

    return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
