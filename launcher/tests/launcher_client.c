/* SPDX-License-Identifier: Apache-2.0 */
/* launcher-client: asks the launcher for one thing from the command line, and prints what the kernel said. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "client.h"
#include "protocol.h"

/* Exit status beside those of sysexits.h: what a script wants to tell apart. */
enum {
    EXIT_REFUSED = 1, /* confined, and then the kernel said no; errno is printed */
    EXIT_FAILED = 2,  /* FAILED; reason and message are printed */
    EXIT_CLOSED = 3,  /* the connection was closed without an answer */
};

static struct reply reply;

static int no(int error)
{
    printf("errno %d %s\n", error, strerror(error));
    return EXIT_REFUSED;
}

static int do_stat(int fd, const char *path)
{
    struct found f;

    if (client_path(fd, REQUEST_STAT, path) < 0 || client_attributes(fd, &f, &reply) < 0)
        return EXIT_CLOSED;
    if (f.error != 0)
        return no(f.error);
    printf("%s size %llu modified %lld created %lld\n", f.kind == KIND_FILE ? "file" : "directory",
           (unsigned long long)f.size, (long long)f.modified, (long long)f.created);
    return 0;
}

static int do_cat(int fd, const char *path)
{
    struct found f;

    if (client_open(fd, path, 0) < 0 || client_attributes(fd, &f, &reply) < 0)
        return EXIT_CLOSED;
    if (f.error != 0)
        return no(f.error);
    for (uint64_t offset = 0;; offset += reply.length) {
        if (client_read(fd, f.handle, offset, READ_MAX, &reply) < 0)
            return EXIT_CLOSED;
        if (reply.length == 0)
            return 0;
        fwrite(reply.payload, 1, reply.length, stdout);
    }
}

static void print_entry(void *unused, const char *name, size_t length, const struct found *f)
{
    (void)unused;
    printf("%s %llu %.*s\n", f->kind == KIND_FILE ? "file" : "directory", (unsigned long long)f->size,
           (int)length, name);
}

static int do_list(int fd, const char *path)
{
    if (client_path(fd, REQUEST_LIST, path) < 0)
        return EXIT_CLOSED;
    int error = client_entries(fd, &reply, print_entry, NULL);
    if (error < 0)
        return EXIT_CLOSED;
    return error == 0 ? 0 : no(error);
}

/* Stays confined until standard input ends, so that a test can look at the helper from outside. */
static int do_wait(int fd, const char *path)
{
    char ignored[16];

    (void)path;
    fflush(stdout);
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
        ;
    return do_stat(fd, "");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int fd, const char *path);
    } commands[] = {{"stat", do_stat}, {"cat", do_cat}, {"list", do_list}, {"wait", do_wait}};
    struct confined confined;

    if (argc != 6) {
        fprintf(stderr, "usage: launcher-client SOCKET CONTEXT ROOT stat|cat|list|wait PATH\n");
        return EX_USAGE;
    }
    int fd = client_connect(argv[1]);
    if (fd < 0) {
        fprintf(stderr, "launcher-client: %s: %s\n", argv[1], strerror(errno));
        return EX_NOHOST;
    }
    struct confine_request request = client_request(argv[2], argv[3]);
    int reason = client_confine(fd, &request, &confined, &reply);
    if (reason < 0) {
        printf("closed without an answer\n");
        return EXIT_CLOSED;
    }
    if (reason > 0) {
        char message[4096];
        int error = client_failure(&reply, message, sizeof message);
        printf("failed reason %d errno %d %s\n", reason, error, message);
        return EXIT_FAILED;
    }
    printf("confined pid %d measures 0x%02x context %s\n", confined.pid, confined.measures, confined.context);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[4], commands[i].name) == 0)
            return commands[i].run(fd, argv[5]);
    fprintf(stderr, "launcher-client: %s: no such command\n", argv[4]);
    return EX_USAGE;
}
