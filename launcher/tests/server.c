/* SPDX-License-Identifier: Apache-2.0 */
/* --server-context on a machine without SELinux: it starts nothing. tests/guest.sh has the rest. */
#include <string.h>
#include <unistd.h>

#include "stage.h"

static void assert_starts_nothing(struct stage *s, const char *const *arguments, int status,
                                  const char *words)
{
    execute(s, arguments);
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, status);
    expect_line(s->errors, words);
    assert_int_equal(access(s->socket, F_OK), -1);
    close(s->input);
    close(s->output);
    close(s->errors);
}

#define STARTS_NOTHING(s, status, words, ...)                                                                \
    assert_starts_nothing(s, (const char *const[]){__VA_ARGS__, NULL}, status, words)

static void starts_nothing_where_no_context_holds(void **state)
{
    struct stage *s = *state;

    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        skip();
    STARTS_NOTHING(s, 69, "SELinux is disabled", "--server-context", "tomcat_t", "--", "/usr/bin/touch",
                   s->socket);
    STARTS_NOTHING(s, 69, "SELinux is disabled", "--server-context", "tomcat_t:s0", "--", "/usr/bin/touch",
                   s->socket);
}

static void starts_nothing_when_asked_wrongly(void **state)
{
    struct stage *s = *state;

    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context");
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "tomcat_t");
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "tomcat_t", "--");
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "tomcat_t", "/usr/bin/touch",
                   s->socket);
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "tomcat_t", "--", "touch",
                   s->socket);
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "", "--", "/usr/bin/touch",
                   s->socket);
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "tomcat_t:", "--",
                   "/usr/bin/touch", s->socket);
    STARTS_NOTHING(s, 64, "expected --server-context", "--server-context", "a b:s0", "--", "/usr/bin/touch",
                   s->socket);
    STARTS_NOTHING(s, 64, "[--server-context]: unknown", "--not-enforcing", "--server-context", "tomcat_t",
                   "--", "/usr/bin/touch", s->socket);
}

int run_server(void);

int run_server(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(starts_nothing_where_no_context_holds),
        STAGED(starts_nothing_when_asked_wrongly),
    };

    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
