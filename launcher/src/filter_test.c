/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of filter.c: a helper cannot make the calls that are the launcher's, and nobody those of nobody. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

static uint64_t changes;

/* What became of a process that installs the filter and then does something: its exit status, or 1000 plus a
 * signal. */
static int filtered_with(bool switching, void (*act)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        /* cmocka has a handler. */
        if (signal(SIGSEGV, SIG_DFL) == SIG_ERR || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            filter_install(switching, &changes) < 0 || !filter_in_force())
            _exit(99);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int filtered(void (*act)(void))
{
    return filtered_with(false, act);
}

static void act_nothing(void)
{
}

static void act_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void act_execve(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void act_open(void)
{
    open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void act_ptrace(void)
{
    syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void act_kill(void)
{
    syscall(SYS_kill, getppid(), 0);
}

static void act_mprotect(void)
{
    syscall(SYS_mprotect, 0, 0, 0);
}

static void act_prctl(void)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void act_setsockopt(void)
{
    int one = 1;

    setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
}

static void act_clone(void)
{
    if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0) == 0)
        _exit(0);
}

static void act_unlink(void)
{
    syscall(SYS_unlinkat, AT_FDCWD, "/nowhere/at/all", 0, 0, 0, 0);
}

/* Forks as the launcher does; the child acts, and its fate is this process's exit status. */
static void in_helper(void (*act)(void))
{
    siginfo_t death = {0};
    long pid = filter_launcher_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0) {
        act();
        _exit(7);
    }
    if (pid < 0 || filter_launcher_call(SYS_waitid, P_PID, pid, (long)&death, WEXITED, 0) < 0)
        _exit(98);
    _exit(death.si_code == CLD_EXITED ? death.si_status : 100 + death.si_status);
}

static void act_launcher_forks_a_helper(void)
{
    in_helper(act_nothing);
}

static void helper_forks(void)
{
    if (filter_launcher_call(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0)
        _exit(0);
}

static void act_helper_forks(void)
{
    in_helper(helper_forks);
}

static void act_helper_forks_without_the_secret(void)
{
    in_helper(act_clone);
}

static void helper_unlinks(void)
{
    filter_launcher_call(SYS_unlinkat, AT_FDCWD, (long)"/nowhere/at/all", 0, 0, 0);
}

static void act_helper_unlinks(void)
{
    in_helper(helper_unlinks);
}

static void helper_becomes_another(void)
{
    filter_identity_call(SYS_setresuid, -1, -1, -1);
}

static void act_helper_becomes_another(void)
{
    in_helper(helper_becomes_another);
}

static void helper_becomes_another_too_late(void)
{
    filter_forget_identity();
    helper_becomes_another();
}

static void act_helper_becomes_another_too_late(void)
{
    in_helper(helper_becomes_another_too_late);
}

static void helper_becomes_another_without_the_secret(void)
{
    syscall(SYS_setresuid, -1, -1, -1, 0, 0, 0);
}

static void act_helper_becomes_another_without_the_secret(void)
{
    in_helper(helper_becomes_another_without_the_secret);
}

static void act_dumpable(void)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void act_capset(void)
{
    syscall(SYS_capset, NULL, NULL);
}

static void act_limit_of_another(void)
{
    syscall(SYS_prlimit64, 1, 0, NULL, NULL);
}

static void helper_changes(void)
{
    if (filter_change_call(SYS_unlinkat, AT_FDCWD, (long)"/nowhere/at/all", 0, 0, 0) == -ENOENT)
        _exit(6);
}

static void act_helper_changes(void)
{
    in_helper(helper_changes);
}

static void helper_to_read_changes(void)
{
    changes = 0;
    helper_changes();
}

static void act_helper_to_read_changes(void)
{
    in_helper(helper_to_read_changes);
}

static void helper_takes_a_secret_for_the_other(void)
{
    syscall(SYS_waitid, P_ALL, 0, 0, WEXITED | WNOHANG, 0, changes);
}

static void act_helper_takes_a_secret_for_the_other(void)
{
    in_helper(helper_takes_a_secret_for_the_other);
}

static void lets_helpers_change_files_that_kept_the_secret(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_helper_changes), 6);
    assert_int_equal(filtered(act_helper_to_read_changes), 100 + SIGSYS);
    assert_int_equal(filtered(act_helper_takes_a_secret_for_the_other), 100 + SIGSYS);
}
#if defined(__x86_64__)
/* The number of a call that is listed, close, means another one, read, to the other half of this machine's
 * kernel. */
static void act_other_architecture(void)
{
    long result = SYS_close;

    __asm__ volatile("int $0x80" : "+a"(result) : "b"(-1L), "c"(0L), "d"(0L) : "memory");
}

static void kills_whoever_speaks_to_the_other_architecture(void **state)
{
    (void)state;
    int end = filtered(act_other_architecture);
    /* A kernel without that half knows no such instruction. */
    assert_true(end == 1000 + SIGSYS || end == 1000 + SIGSEGV);
}
#endif

static void kills_whoever_calls_what_is_not_listed(void **state)
{
    (void)state;
    static void (*const acts[])(void) = {act_socket,   act_execve, act_open,       act_ptrace, act_kill,
                                         act_mprotect, act_prctl,  act_setsockopt, act_clone,  act_unlink};

    assert_int_equal(filtered(act_nothing), 0);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        assert_int_equal(filtered(acts[i]), 1000 + SIGSYS);
}

static void lets_the_launcher_fork_and_its_helpers_not(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_launcher_forks_a_helper), 7);
    assert_int_equal(filtered(act_helper_forks), 100 + SIGSEGV);
    assert_int_equal(filtered(act_helper_forks_without_the_secret), 100 + SIGSYS);
    assert_int_equal(filtered(act_helper_unlinks), 100 + SIGSEGV);
}

static void lets_helpers_become_others_once_and_only_where_that_is_meant(void **state)
{
    (void)state;
    assert_int_equal(filtered_with(true, act_helper_becomes_another), 7);
    assert_int_equal(filtered_with(true, act_helper_becomes_another_too_late), 100 + SIGSYS);
    assert_int_equal(filtered_with(true, act_helper_becomes_another_without_the_secret), 100 + SIGSYS);
    assert_int_equal(filtered_with(true, act_helper_forks_without_the_secret), 100 + SIGSYS);
    assert_int_equal(filtered_with(true, act_dumpable), 1000 + SIGSYS);
    assert_int_equal(filtered_with(true, act_capset), 0);
    assert_int_equal(filtered(act_helper_becomes_another), 100 + SIGSYS);
    assert_int_equal(filtered(act_capset), 1000 + SIGSYS);
    assert_int_equal(filtered(act_limit_of_another), 1000 + SIGSYS);
}

static void asks_for_no_secret_before_it_is_in_force(void **state)
{
    (void)state;
    assert_false(filter_in_force());
    assert_int_equal(filter_launcher_call(SYS_unlinkat, AT_FDCWD, (long)"/nowhere/at/all", 0, 0, 0), -ENOENT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
        cmocka_unit_test(kills_whoever_speaks_to_the_other_architecture),
#endif
        cmocka_unit_test(kills_whoever_calls_what_is_not_listed),
        cmocka_unit_test(lets_the_launcher_fork_and_its_helpers_not),
        cmocka_unit_test(lets_helpers_become_others_once_and_only_where_that_is_meant),
        cmocka_unit_test(lets_helpers_change_files_that_kept_the_secret),
        cmocka_unit_test(asks_for_no_secret_before_it_is_in_force),
    };

    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
