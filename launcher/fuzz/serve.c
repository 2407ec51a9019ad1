/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes a serving helper with whatever a client may send: the real serve.c on a real folder, without a
 * connection. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "filter.h"
#include "frame.h"
#include "fuzz.h"
#include "protocol.h"
#include "serve.h"
#include "wire.h"
#include "workplace.h"

static struct root table[] = {
    {.mount = "", .flags = PROTOCOL_ROOT_READ_ONLY},
    {.mount = "/m/n", .flags = PROTOCOL_ROOT_READ_ONLY},
    {.mount = "/m/a", .flags = PROTOCOL_ROOT_READ_ONLY | PROTOCOL_ROOT_ARCHIVE, .archive = "f"},
    {.mount = "/w"},
};
static const struct roots roots = {.root = table, .count = sizeof table / sizeof table[0]};
static uint64_t secret;
static const uint8_t *input;
static size_t left;
static jmp_buf ended;

/* The linker puts these in the place of what serve.c calls (--wrap). */
ssize_t __wrap_recv(int socket, void *octets, size_t length, int flags);
_Noreturn void __wrap__exit(int status);

static size_t take(void *octets, size_t length)
{
    size_t n = length < left ? length : left;

    memcpy(octets, input, n);
    input += n;
    left -= n;
    return n;
}

/* The first octet of what is left says how much comes at once. */
ssize_t __wrap_recv(int socket, void *octets, size_t length, int flags)
{
    (void)socket;
    if (left > 0 && (flags & MSG_DONTWAIT) != 0 && input[0] % 4 == 0) {
        errno = EAGAIN;
        return -1;
    }
    size_t most = left == 0 ? 0 : 1U + input[0] * 8U;
    return (ssize_t)take(octets, most < length ? most : length);
}

_Noreturn void __wrap__exit(int status)
{
    (void)status;
    longjmp(ended, 1);
}

int wire_read(int socket, void *octets, size_t length)
{
    (void)socket;
    return take(octets, length) == length ? 0 : WIRE_GONE;
}

/* Reads every octet that would be sent, so that the sanitizer sees those that are not ours to send. */
static int look_at(const uint8_t *octets, size_t length)
{
    static volatile uint8_t sum;

    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + octets[i]);
    return 0;
}

int wire_write(int socket, const void *octets, size_t length, bool more)
{
    (void)socket;
    (void)more;
    return look_at(octets, length);
}

int wire_write_two(int socket, const void *first, size_t first_length, const void *second,
                   size_t second_length)
{
    (void)socket;
    return look_at(first, first_length) | look_at(second, second_length);
}

int wire_send_file(int socket, int file, off_t offset, size_t length)
{
    (void)socket;
    (void)file;
    (void)offset;
    (void)length;
    return 0;
}

/* What is in the folder to write to at the beginning of each input. */
static void prepare_writing(void)
{
    static const char *const files[] = {"w/old", "w/d/x"};

    workplace_empty("w");
    mkdir("w/d", 0755);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        close(open(files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *folder = workplace("mkdir -p d/e w; echo x >f; ln -s f l; mkfifo p; head -c 40000 /dev/zero "
                                   ">d/big; echo y >d/e/g");
    if (files_open_root(folder, &table[0].folder) != 0 ||
        files_open_way(table[0].folder, "d", &table[1].folder) != 0 ||
        files_open_way(table[0].folder, "w", &table[3].folder) != 0 || filter_install(false, &secret) != 0)
        abort();
    table[2].folder = table[0].folder;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *memory = malloc(SERVE_MEMORY);

    if (memory == NULL)
        return 0;
    prepare_writing();
    input = data;
    left = size;
    if (setjmp(ended) == 0)
        serve(0, &roots, memory, 0);
    free(memory);
    /* As the end of the process would. */
    syscall(SYS_close_range, table[3].folder + 1, UINT_MAX, 0);
    return 0;
}
