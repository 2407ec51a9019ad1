/* SPDX-License-Identifier: Apache-2.0 */
/* How a helper comes into being: with a stack of its own, and without what it has no use for. */
#include "birth.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "memory.h"

enum {
    STACK =
        65536 + 2048, /* the last, less than a page of it, is what a helper needs for an ordinary request */
    MAPS = 8192,      /* what /proc says of this process: about ten lines */
};

static uint8_t *stack_end;

/* The kernel's pages for programs are given up, since what is only kept from children costs each fork, too.
 */
static int keep_from_children(char *line)
{
    const char *name = strchr(line, '[');
    char *end;

    if (name == NULL)
        return 0;
    bool stack = strcmp(name, "[stack]") == 0;
    if (!stack && strcmp(name, "[vdso]") != 0 && strncmp(name, "[vvar", 5) != 0)
        return 0;
    uintptr_t from = strtoul(line, &end, 16);
    uintptr_t to = *end == '-' ? strtoul(end + 1, NULL, 16) : 0;
    if (to <= from)
        return -EIO;
    int r = stack ? madvise((void *)from, to - from, MADV_DONTFORK) : munmap((void *)from, to - from);
    return r < 0 ? -EIO : 0;
}

int birth_hide(int proc)
{
    char maps[MAPS];
    size_t used = 0;
    ssize_t n;

    int fd = openat(proc, "thread-self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while ((n = read(fd, maps + used, sizeof maps - 1 - used)) > 0)
        used += (size_t)n;
    int r = n < 0 ? -errno : used == sizeof maps - 1 ? -EFBIG : 0;
    close(fd);
    maps[used] = '\0';
    char *rest;
    for (char *line = strtok_r(maps, "\n", &rest); r == 0 && line != NULL; line = strtok_r(NULL, "\n", &rest))
        r = keep_from_children(line);
    return r;
}

void *birth_memory(size_t size)
{
    uint8_t *stack = memory_behind(STACK + size);

    if (stack == NULL)
        return NULL;
    stack_end = stack + STACK;
    return stack_end;
}

/* The child has no memory where its parent's stack is: it must leave it before it touches it. */
long birth(void (*helper)(const struct setting *), const struct setting *setting)
{
    const uint64_t *token = filter_token();
#if defined(__x86_64__)
    register long r10 __asm__("r10") = 0;
    register long r8 __asm__("r8") = 0;
    long result;
    __asm__ volatile(
        "mov (%[token]), %%r9\n\t"
        "syscall\n\t"
        "xor %%r9d, %%r9d\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "mov %[stack], %%rsp\n\t"
        "mov %[setting], %%rdi\n\t"
        "call *%[helper]\n\t"
        "ud2\n\t"
        "1:"
        : "=a"(result)
        : "a"(SYS_clone), "D"((long)SIGCHLD), "S"(0L), "d"(0L), "r"(r10),
          "r"(r8), [token] "r"(token), [stack] "r"(stack_end), [setting] "r"(setting), [helper] "r"(helper)
        : "rcx", "r11", "r9", "memory", "cc");
    return result;
#else
    register long x8 __asm__("x8") = SYS_clone;
    register long x0 __asm__("x0") = SIGCHLD;
    register long x1 __asm__("x1") = 0;
    register long x2 __asm__("x2") = 0;
    register long x3 __asm__("x3") = 0;
    register long x4 __asm__("x4") = 0;
    __asm__ volatile(
        "ldr x5, [%[token]]\n\t"
        "svc #0\n\t"
        "mov x5, xzr\n\t"
        "cbnz x0, 1f\n\t"
        "mov sp, %[stack]\n\t"
        "mov x30, xzr\n\t"
        "mov x0, %[setting]\n\t"
        "br %[helper]\n\t"
        "1:"
        : "+r"(x0)
        : "r"(x8), "r"(x1), "r"(x2), "r"(x3),
          "r"(x4), [token] "r"(token), [stack] "r"(stack_end), [setting] "r"(setting), [helper] "r"(helper)
        : "x5", "memory", "cc");
    return x0;
#endif
}
