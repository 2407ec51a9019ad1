/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter of programs: what no program that answers a request has any business with. */
#include "denylist.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "architecture.h"
#include "filter.h"

enum {
    /* Of clone() these are flags; its low eight bits are a signal, so CLONE_NEWTIME cannot be asked for
       there. */
    CLONE_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                       CLONE_NEWPID | CLONE_NEWNET,
    UNSHARE_NAMESPACES = CLONE_NAMESPACES | 0x80,
    X32_BIT = 0x40000000,
    RULES_MAX = 96,
    SECRET_ARGUMENT = 5,
};

/* Calls that are newer than the headers to build with; the numbers are the same on every machine. */
enum {
    CALL_IO_URING_SETUP = 425,
    CALL_IO_URING_ENTER = 426,
    CALL_IO_URING_REGISTER = 427,
    CALL_OPEN_TREE = 428,
    CALL_MOVE_MOUNT = 429,
    CALL_FSOPEN = 430,
    CALL_FSCONFIG = 431,
    CALL_FSMOUNT = 432,
    CALL_FSPICK = 433,
    CALL_CLONE3 = 435,
    CALL_PIDFD_GETFD = 438,
    CALL_PROCESS_MADVISE = 440,
    CALL_MOUNT_SETATTR = 442,
    CALL_QUOTACTL_FD = 443,
    CALL_OPEN_TREE_ATTR = 467,
};

static const uint32_t denied[] = {
    /* Other processes' memory and descriptors. */
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    CALL_PIDFD_GETFD,
    CALL_PROCESS_MADVISE,
    /* Large and often broken parts of the kernel. */
    SYS_bpf,
    SYS_userfaultfd,
    SYS_perf_event_open,
    CALL_IO_URING_SETUP,
    CALL_IO_URING_ENTER,
    CALL_IO_URING_REGISTER,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_fanotify_init,
    /* Mounts, roots and namespaces. */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    CALL_OPEN_TREE,
    CALL_MOVE_MOUNT,
    CALL_FSOPEN,
    CALL_FSCONFIG,
    CALL_FSMOUNT,
    CALL_FSPICK,
    CALL_MOUNT_SETATTR,
    CALL_OPEN_TREE_ATTR,
    SYS_open_by_handle_at,
    /* The machine. */
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    CALL_QUOTACTL_FD,
    SYS_syslog,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_vhangup,
#ifdef __x86_64__
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

/* An argument of which some bits, or exactly one value, are refused. */
static const struct {
    uint32_t call;
    unsigned argument;
    uint32_t bits; /* any of these; 0: `value` exactly */
    uint32_t value;
} limited[] = {
    {.call = SYS_clone, .argument = 0, .bits = CLONE_NAMESPACES},
    {.call = SYS_unshare, .argument = 0, .bits = UNSHARE_NAMESPACES},
    /* Type into a terminal that somebody else reads. */
    {.call = SYS_ioctl, .argument = 1, .value = TIOCSTI},
    {.call = SYS_ioctl, .argument = 1, .value = TIOCLINUX},
};

/* What goes with a clone3() of ours: only who forks relays has it. */
static uint64_t secret;

static void add(struct sock_filter *f, size_t *n, struct sock_filter one)
{
    f[(*n)++] = one;
}

static void load(struct sock_filter *f, size_t *n, size_t offset)
{
    add(f, n, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct sock_filter *f, size_t *n, uint32_t what)
{
    add(f, n, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Refuses when what was loaded last equals the value. */
static void refuse_equal(struct sock_filter *f, size_t *n, uint32_t value, int error)
{
    add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    answer(f, n, SECCOMP_RET_ERRNO | (uint32_t)error);
}

static void refuse_limited(struct sock_filter *f, size_t *n, size_t which)
{
    size_t low = offsetof(struct seccomp_data, args) + limited[which].argument * sizeof(uint64_t);

    load(f, n, offsetof(struct seccomp_data, nr));
    add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, limited[which].call, 0, 3));
    load(f, n, low);
    if (limited[which].bits != 0)
        add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, limited[which].bits, 0, 1));
    else
        add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, limited[which].value, 0, 1));
    answer(f, n, SECCOMP_RET_ERRNO | EPERM);
}

static size_t half_of_secret(unsigned high)
{
    return offsetof(struct seccomp_data, args) + SECRET_ARGUMENT * sizeof(uint64_t) + high * sizeof(uint32_t);
}

/* What clone3() asks for lies in memory, where no filter can look. Every libc falls back to clone(). */
static void refuse_clone3(struct sock_filter *f, size_t *n)
{
    add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL_CLONE3, 0, 6));
    load(f, n, half_of_secret(0));
    add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)secret, 0, 3));
    load(f, n, half_of_secret(1));
    add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(secret >> 32), 0, 1));
    answer(f, n, SECCOMP_RET_ALLOW);
    answer(f, n, SECCOMP_RET_ERRNO | ENOSYS);
}

int denylist_install(void)
{
    struct sock_filter f[16 + 2 * RULES_MAX];
    size_t n = 0;

    /* 0 is what is left of it once it is wiped. */
    if (getrandom(&secret, sizeof secret, 0) != sizeof secret || secret == 0)
        return -EIO;

    _Static_assert(2 * sizeof denied / sizeof denied[0] + 5 * sizeof limited / sizeof limited[0] <
                       2 * RULES_MAX,
                   "room for every rule");
    /* The calls of another architecture have other numbers: a program that makes such a call is none of ours.
     */
    load(f, &n, offsetof(struct seccomp_data, arch));
    add(f, &n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0));
    answer(f, &n, SECCOMP_RET_KILL_PROCESS);
    load(f, &n, offsetof(struct seccomp_data, nr));
    add(f, &n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
    answer(f, &n, SECCOMP_RET_ERRNO | ENOSYS);
    refuse_clone3(f, &n);
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++)
        refuse_equal(f, &n, denied[i], EPERM);
    for (size_t i = 0; i < sizeof limited / sizeof limited[0]; i++)
        refuse_limited(f, &n, i);
    answer(f, &n, SECCOMP_RET_ALLOW);

    struct sock_fprog program = {.len = (unsigned short)n, .filter = f};
    int r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
    explicit_bzero(f, sizeof f);
    return r;
}

long denylist_clone3(const void *arguments, size_t size)
{
    long r = filter_secret_call(&secret, CALL_CLONE3, (long)arguments, (long)size);

    if (r == 0)
        denylist_forget();
    return r;
}

void denylist_forget(void)
{
    explicit_bzero(&secret, sizeof secret);
}
