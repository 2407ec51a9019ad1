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
#include "memory.h"

enum {
    TOKEN_ARGUMENT = 5,
    RULE_LENGTH_MAX = 2 + 2 * 2 + 4 + 1,
};

/* Whose secret a call must carry. */
enum secret { NOBODY, LAUNCHER, IDENTITY, CHANGES, SECRETS };

struct rule {
    long number;
    int equals; /* how many of the following must hold */
    struct {
        unsigned argument;
        uint32_t value;
    } equal[2];
    enum secret secret;
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
    {.number = SYS_prlimit64, .equals = 1, .equal = {{0, 0}}}, /* its own, which it can only lower */
    /* The launcher alone. */
    {.number = SYS_clone, .equals = 2, .equal = {{0, SIGCHLD}, {1, 0}}, .secret = LAUNCHER},
    {.number = SYS_waitid, .secret = LAUNCHER},
    {.number = SYS_ppoll, .secret = LAUNCHER},
    {.number = SYS_read, .secret = LAUNCHER},
    {.number = SYS_unlinkat, .secret = LAUNCHER},
    /* A helper that has a root to write to. What it may open is not for a filter to see. */
    {.number = SYS_mkdirat, .secret = CHANGES},
    {.number = SYS_unlinkat, .secret = CHANGES},
    {.number = SYS_renameat2, .secret = CHANGES},
    {.number = SYS_fsync, .secret = CHANGES},
    {.number = SYS_flock, .secret = CHANGES},
    {.number = SYS_ftruncate, .secret = CHANGES},
    {.number = SYS_fallocate, .secret = CHANGES},
    {.number = SYS_fgetxattr, .secret = CHANGES},
    {.number = SYS_fsetxattr, .secret = CHANGES},
    {.number = SYS_fchmod, .secret = CHANGES},
    {.number = SYS_fchown, .secret = CHANGES},
};

/* Only where helpers may be another user than their launcher. */
static const struct rule switching_rules[] = {
    {.number = SYS_setgroups, .secret = IDENTITY},
    {.number = SYS_setresgid, .secret = IDENTITY},
    {.number = SYS_setresuid, .secret = IDENTITY},
    {.number = SYS_capset}, /* can only take away */
    {.number = SYS_capget},
    {.number = SYS_getresuid},
    {.number = SYS_getresgid},
    {.number = SYS_getgroups},
    {.number = SYS_prctl, .equals = 2, .equal = {{0, PR_SET_DUMPABLE}, {1, 0}}},
    {.number = SYS_prctl, .equals = 1, .equal = {{0, PR_GET_DUMPABLE}}},
};

/* Before the filter is installed no secret is needed, and none is there. */
static uint64_t no_token;
static uint64_t *tokens[SECRETS] = {&no_token, &no_token, &no_token, &no_token};

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

static void add_rule(struct sock_filter *f, size_t *n, const struct rule *rule)
{
    size_t first = *n;
    uint64_t secret = *tokens[rule->secret];

    load(f, n, offsetof(struct seccomp_data, nr));
    require(f, n, (uint32_t)rule->number);
    for (int i = 0; i < rule->equals; i++) {
        load(f, n, argument(rule->equal[i].argument));
        require(f, n, rule->equal[i].value);
    }
    if (rule->secret != NOBODY) {
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

static int make_secret(enum secret whose, uint64_t *place)
{
    tokens[whose] = place;
    if (getrandom(place, sizeof *place, 0) != sizeof *place)
        return -EIO;
    /* What was wiped reads as 0, which must not be the secret. */
    return *place == 0 ? -EIO : 0;
}

/* A helper has no memory where the launcher's is. The other one it needs once, and wipes it then. */
static int make_token(enum secret whose)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = whose == LAUNCHER
                     ? memory_alone(size)
                     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page == NULL || page == MAP_FAILED ? -ENOMEM : make_secret(whose, page);
}

enum { STACK_USED = 16384 };

/* The program holds the token; so may the stack that it was made on, wherever the compiler put a copy. */
static __attribute__((noinline)) void forget(void)
{
    unsigned char stack[STACK_USED];

    explicit_bzero(stack, sizeof stack);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static __attribute__((noinline)) int install(bool switching, uint64_t *changes)
{
    struct sock_filter f[4 + (COUNT(rules) + COUNT(switching_rules)) * RULE_LENGTH_MAX];
    size_t n = 0;

    int r = make_token(LAUNCHER);
    if (r == 0 && switching)
        r = make_token(IDENTITY);
    if (r == 0)
        r = make_secret(CHANGES, changes);
    if (r < 0)
        return r;
    load(f, &n, offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    for (size_t i = 0; i < COUNT(rules); i++)
        add_rule(f, &n, &rules[i]);
    for (size_t i = 0; switching && i < COUNT(switching_rules); i++)
        add_rule(f, &n, &switching_rules[i]);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);

    struct sock_fprog program = {.len = (unsigned short)n, .filter = f};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        r = -errno;
    return r;
}

int filter_install(bool switching, uint64_t *changes)
{
    int r = install(switching, changes);

    forget();
    return r;
}

int filter_in_force(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

const uint64_t *filter_token(void)
{
    return tokens[LAUNCHER];
}

/*
 * In assembly so that the secret is in one register and nowhere else: the child that clone makes inherits
 * registers and stack, and wipes the one before it does anything.
 */
static long call(const uint64_t *token, long number, long a, long b, long c, long d, long e)
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

long filter_launcher_call(long number, long a, long b, long c, long d, long e)
{
    return call(tokens[LAUNCHER], number, a, b, c, d, e);
}

long filter_secret_call(const uint64_t *secret, long number, long a, long b)
{
    return call(secret, number, a, b, 0, 0, 0);
}

long filter_identity_call(long number, long a, long b, long c)
{
    return call(tokens[IDENTITY], number, a, b, c, 0, 0);
}

void filter_forget_identity(void)
{
    if (tokens[IDENTITY] != &no_token)
        explicit_bzero(tokens[IDENTITY], sizeof *tokens[IDENTITY]);
}

long filter_change_call(long number, long a, long b, long c, long d, long e)
{
    return call(tokens[CHANGES], number, a, b, c, d, e);
}
