/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of birth.c and memory.c: what a helper has of the launcher, and what it has not. */
#include "birth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "testing.h"

/* What the child looks at. */
static const char *looked_at;
static const char *from_parent_stack;

static bool there(const char *memory)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        _exit(97);
    return write(fds[1], memory, 1) == 1;
}

static void look(const struct setting *setting)
{
    _exit(setting != (const struct setting *)&looked_at ? 96 : there(looked_at) ? 1 : 0);
}

static void look_at_own_stack(const struct setting *setting)
{
    char here = 0;

    (void)setting;
    _exit(!there(&here) || there(from_parent_stack) || labs(&here - from_parent_stack) < 65536);
}

/* The exit status of a child that is born as a helper is. */
static int born(void (*helper)(const struct setting *))
{
    int status = 0;

    long pid = birth(helper, (const struct setting *)&looked_at);
    if (pid < 0 || waitpid((pid_t)pid, &status, 0) != pid || !WIFEXITED(status))
        return 98;
    return WEXITSTATUS(status);
}

/* In a process of its own, since what it keeps from its children it keeps from all of them. */
static int in_launcher(int (*act)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        _exit(birth_memory(4096) == NULL || birth_hide(proc) < 0 ? 99 : act());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int shows_the_program(void)
{
    looked_at = "a constant";
    return born(look);
}

static int shows_the_arguments(void)
{
    char argument[] = "argument";
    char *arguments[] = {argument, argument, NULL};

    if (!memory_arguments(2, arguments) || arguments[0] == argument)
        return 95;
    looked_at = arguments[1];
    return born(look);
}

static int shows_the_stack(void)
{
    char here = 0;

    looked_at = &here;
    return born(look);
}

static int shows_the_environment(void)
{
    looked_at = environ[0];
    return born(look);
}

static int shows_what_is_the_launchers_alone(void)
{
    looked_at = memory_alone(4096);
    return looked_at == NULL || !there(looked_at) ? 95 : born(look);
}

static int shows_the_kernels_pages(void)
{
    looked_at = (const char *)getauxval(AT_SYSINFO_EHDR);
    return looked_at == NULL ? 0 : born(look);
}

static int shows_what_lies_below_its_stack(void)
{
    looked_at = (const char *)memory_behind(1) - 1;
    return !there(looked_at) ? 95 : born(look);
}

static int keeps_pieces_apart(void)
{
    char *first = memory_alone(4097);
    char *second = memory_alone(1);

    return first == NULL || second == NULL || second - first < 4097 || memory_alone(1 << 20) != NULL ||
           memory_behind(1 << 20) != NULL;
}

static int has_another_stack(void)
{
    char here = 0;

    from_parent_stack = &here;
    return born(look_at_own_stack);
}

static void gives_a_helper_the_program_and_the_arguments(void **state)
{
    (void)state;
    assert_int_equal(in_launcher(shows_the_program), 1);
    assert_int_equal(in_launcher(shows_the_arguments), 1);
}

static void keeps_from_a_helper_what_is_the_launchers(void **state)
{
    (void)state;
    assert_int_equal(in_launcher(shows_the_stack), 0);
    assert_int_equal(in_launcher(shows_the_environment), 0);
    assert_int_equal(in_launcher(shows_what_is_the_launchers_alone), 0);
    assert_int_equal(in_launcher(shows_the_kernels_pages), 0);
    assert_int_equal(in_launcher(shows_what_lies_below_its_stack), 0);
}

static void has_so_much_memory_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(in_launcher(keeps_pieces_apart), 0);
}

static void gives_a_helper_a_stack_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(in_launcher(has_another_stack), 0);
}

static void refuses_more_arguments_than_it_can_keep(void **state)
{
    static char large[8192];
    char *arguments[] = {large, large, NULL};

    (void)state;
    memset(large, 'a', sizeof large - 1);
    assert_false(memory_arguments(2, arguments));
}

static void tells_when_it_cannot_look_at_its_memory(void **state)
{
    (void)state;
    assert_int_equal(birth_hide(-1), -EBADF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_helper_the_program_and_the_arguments),
        cmocka_unit_test(keeps_from_a_helper_what_is_the_launchers),
        cmocka_unit_test(has_so_much_memory_and_no_more),
        cmocka_unit_test(gives_a_helper_a_stack_of_its_own),
        cmocka_unit_test(refuses_more_arguments_than_it_can_keep),
        cmocka_unit_test(tells_when_it_cannot_look_at_its_memory),
    };

    return cmocka_run_group_tests_name("birth", tests, NULL, NULL);
}
