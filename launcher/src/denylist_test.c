/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of denylist.c: what programs may not call, and that all else works. */
#include "denylist.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

static int filtered(void (*act)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || denylist_install() < 0 ||
            prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
            _exit(99);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Exits with the number of the first call that was not refused as it should be; they are made without sense,
 * so that only the filter says EPERM before the kernel says something else. */
static void act_denied(void)
{
    static const int calls[] = {SYS_process_vm_readv,
                                SYS_process_vm_writev,
                                SYS_bpf,
                                SYS_userfaultfd,
                                SYS_perf_event_open,
                                SYS_keyctl,
                                SYS_add_key,
                                SYS_request_key,
                                SYS_setns,
                                SYS_chroot,
                                SYS_pivot_root,
                                SYS_umount2,
                                SYS_reboot,
                                SYS_swapon,
                                SYS_init_module,
                                SYS_finit_module,
                                SYS_kexec_load,
                                SYS_acct,
                                SYS_kcmp,
                                425,
                                426,
                                427,
                                428,
                                429,
                                430,
                                431,
                                432,
                                433,
                                438,
                                440,
                                442,
                                467};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (syscall(calls[i], -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != EPERM)
            _exit((int)i + 1);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != -1 || errno != EPERM)
        _exit(90);
    if (mount("none", "/tmp", "tmpfs", 0, NULL) != -1 || errno != EPERM)
        _exit(91);
    if (syscall(435, -1L, -1L) != -1 || errno != ENOSYS)
        _exit(92);
    if (ioctl(0, TIOCSTI, "x") != -1 || errno != EPERM)
        _exit(93);
}

static void act_namespaces(void)
{
    static const int flags[] = {CLONE_NEWNS,  CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
                                CLONE_NEWIPC, CLONE_NEWUTS,  CLONE_NEWCGROUP, 0x80};

    for (int i = 0; i < 8; i++) {
        if (unshare(flags[i]) != -1 || errno != EPERM)
            _exit(1 + i);
        if (flags[i] != 0x80 && (syscall(SYS_clone, SIGCHLD | flags[i], 0, 0, 0, 0) != -1 || errno != EPERM))
            _exit(11 + i);
    }
}

static void *nothing(void *unused)
{
    return unused;
}

static void act_ordinary(void)
{
    pthread_t thread;
    int status;

    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        _exit(1);
    pid_t pid = fork();
    if (pid == 0)
        execl("/bin/sh", "sh", "-c", "echo $(echo 7) >/dev/null; exit 7", (char *)NULL);
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
        _exit(2);
    if (socket(AF_INET, SOCK_STREAM, 0) < 0 || unshare(CLONE_FILES) < 0)
        _exit(3);
}

/* What it execs is under the same filter. */
static void act_exec(void)
{
    execl("/usr/bin/unshare", "unshare", "--user", "true", (char *)NULL);
}

static void denies_what_no_program_needs(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_denied), 0);
}

static void denies_new_namespaces(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_namespaces), 0);
}

/* Whoever forks relays makes the call for each; who was made so, or has forgotten the secret, never. */
static void act_clone3(void)
{
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    int status = -1;

    if (syscall(SYS_clone3, &arguments, sizeof arguments) >= 0 || errno != ENOSYS)
        _exit(1);
    for (int i = 0; i < 2; i++) {
        long pid = denylist_clone3(&arguments, sizeof arguments);
        if (pid == 0)
            _exit(denylist_clone3(&arguments, sizeof arguments) == -ENOSYS ? 0 : 3);
        if (pid < 0 || waitpid((pid_t)pid, &status, 0) != pid || status != 0)
            _exit(4);
    }
    denylist_forget();
    if (denylist_clone3(&arguments, sizeof arguments) != -ENOSYS)
        _exit(5);
}

static void lets_clone3_pass_only_with_its_secret(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_clone3), 0);
}

static void allows_processes_threads_and_sockets(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_ordinary), 0);
}

static void stays_in_force_after_exec(void **state)
{
    (void)state;
    assert_int_equal(filtered(act_exec), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(denies_what_no_program_needs),
        cmocka_unit_test(denies_new_namespaces),
        cmocka_unit_test(lets_clone3_pass_only_with_its_secret),
        cmocka_unit_test(allows_processes_threads_and_sockets),
        cmocka_unit_test(stays_in_force_after_exec),
    };

    return cmocka_run_group_tests_name("denylist", tests, NULL, NULL);
}
