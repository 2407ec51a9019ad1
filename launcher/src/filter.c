/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter: one allow-list for launcher and helpers, installed once, inherited by every fork.
 */
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "architecture.h"

enum {
    TOKEN_ARGUMENT = 5,
    RULE_LENGTH_MAX = 2 + 2 * 2 + 4 + 1,
};

struct rule {
    long number;
    int equals; /* how many of the following must hold */
    struct {
        unsigned argument;
        uint32_t value;
    } equal[2];
    bool launcher_only;
};

static const struct rule rules[] = {
    /* A helper at work. */
    {.number = SYS_recvfrom},
    {.number = SYS_sendto},
    {.number = SYS_sendmsg},
    {.number = SYS_sendfile},
    {.number = SYS_openat2},
    {.number = SYS_statx},
    {.number = SYS_pread64},
    {.number = SYS_getdents64},
    {.number = SYS_faccessat2},
    {.number = SYS_geteuid},
    {.number = SYS_getegid},
    {.number = SYS_getgroups},
    {.number = SYS_close},
    {.number = SYS_exit_group},
    {.number = SYS_restart_syscall},
    {.number = SYS_clock_gettime}, /* where the kernel offers no cheaper way */
    /* A helper on its way there. What is left of these afterwards only confines further, or has nothing to
       act on. */
    {.number = SYS_prctl, .equals = 2, .equal = {{0, PR_SET_PDEATHSIG}, {1, SIGKILL}}},
    {.number = SYS_prctl, .equals = 1, .equal = {{0, PR_GET_SECCOMP}}},
    {.number = SYS_getpid},
    {.number = SYS_getppid},
    {.number = SYS_accept4},
    {.number = SYS_write}, /* the log, the context */
    {.number = SYS_setitimer},
    {.number = SYS_ioctl, .equals = 1, .equal = {{1, FIONREAD}}},
    {.number = SYS_getsockopt, .equals = 2, .equal = {{1, SOL_SOCKET}, {2, SO_PEERCRED}}},
    {.number = SYS_getsockopt, .equals = 2, .equal = {{1, SOL_SOCKET}, {2, SO_PEERSEC}}},
    {.number = SYS_setsockopt, .equals = 2, .equal = {{1, SOL_SOCKET}, {2, SO_RCVTIMEO}}},
    {.number = SYS_setsockopt, .equals = 2, .equal = {{1, SOL_SOCKET}, {2, SO_SNDTIMEO}}},
    {.number = SYS_dup3},
    {.number = SYS_close_range},
    {.number = SYS_landlock_create_ruleset},
    {.number = SYS_landlock_add_rule},
    {.number = SYS_landlock_restrict_self},
    /* The launcher alone. */
    {.number = SYS_clone, .equals = 2, .equal = {{0, SIGCHLD}, {1, 0}}, .launcher_only = true},
    {.number = SYS_waitid, .launcher_only = true},
    {.number = SYS_ppoll, .launcher_only = true},
    {.number = SYS_read, .launcher_only = true},
    {.number = SYS_unlinkat, .launcher_only = true},
};

/* Before the filter is installed no secret is needed, and none is there. */
static uint64_t no_token;
static uint64_t *token = &no_token;

static void load(struct sock_filter *f, size_t *n, size_t offset)
{
    f[(*n)++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

static void require(struct sock_filter *f, size_t *n, uint32_t value)
{
    /* The distance to the next rule is filled in when it is known. */
    f[(*n)++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0);
}

static size_t argument(unsigned which)
{
    return offsetof(struct seccomp_data, args) + which * sizeof(uint64_t);
}

static void add_rule(struct sock_filter *f, size_t *n, const struct rule *rule, uint64_t secret)
{
    size_t first = *n;

    load(f, n, offsetof(struct seccomp_data, nr));
    require(f, n, (uint32_t)rule->number);
    for (int i = 0; i < rule->equals; i++) {
        load(f, n, argument(rule->equal[i].argument));
        require(f, n, rule->equal[i].value);
    }
    if (rule->launcher_only) {
        load(f, n, argument(TOKEN_ARGUMENT));
        require(f, n, (uint32_t)secret);
        load(f, n, argument(TOKEN_ARGUMENT) + sizeof(uint32_t));
        require(f, n, (uint32_t)(secret >> 32));
    }
    f[(*n)++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    for (size_t i = first; i < *n; i++)
        if (BPF_CLASS(f[i].code) == BPF_JMP)
            f[i].jf = (uint8_t)(*n - i - 1);
}

static int make_token(void)
{
    void *page =
        mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return -errno;
    if (madvise(page, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK) < 0)
        return -errno;
    token = page;
    if (getrandom(token, sizeof *token, 0) != sizeof *token)
        return -EIO;
    /* A wiped page reads as 0, which must not be the secret. */
    return *token == 0 ? -EIO : 0;
}

enum { STACK_USED = 16384 };

/* The program holds the token; so may the stack that it was made on, wherever the compiler put a copy. */
static __attribute__((noinline)) void forget(void)
{
    unsigned char stack[STACK_USED];

    explicit_bzero(stack, sizeof stack);
}

static __attribute__((noinline)) int install(void)
{
    struct sock_filter f[4 + sizeof rules / sizeof rules[0] * RULE_LENGTH_MAX];
    size_t n = 0;

    int r = make_token();
    if (r < 0)
        return r;
    load(f, &n, offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        add_rule(f, &n, &rules[i], *token);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);

    struct sock_fprog program = {.len = (unsigned short)n, .filter = f};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        r = -errno;
    return r;
}

int filter_install(void)
{
    int r = install();

    forget();
    return r;
}

int filter_in_force(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

const uint64_t *filter_token(void)
{
    return token;
}

/*
 * In assembly so that the secret is in one register and nowhere else: the child that clone makes inherits
 * registers and stack, and wipes the one before it does anything.
 */
long filter_launcher_call(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("mov (%[token]), %%r9\n\t"
                     "syscall\n\t"
                     "xor %%r9d, %%r9d"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), [token] "r"(token)
                     : "rcx", "r11", "r9", "memory", "cc");
    return result;
#else
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("ldr x5, [%[token]]\n\t"
                     "svc #0\n\t"
                     "mov x5, xzr"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), [token] "r"(token)
                     : "x5", "memory", "cc");
    return x0;
#endif
}
