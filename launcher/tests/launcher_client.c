/* SPDX-License-Identifier: Apache-2.0 */
/* launcher-client: asks the launcher for one thing from the command line, and prints what the kernel said. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static const char *const kinds[] = {"nothing", "file", "directory", "way"};

static int no(const struct found *f)
{
    static const char *const who[] = {"", ", Unix permissions", ", SELinux", ", somebody"};

    printf("errno %d %s%s\n", f->error, strerror(f->error), who[f->refused % 4]);
    return EXIT_REFUSED;
}

static int do_stat(int fd, const char *path)
{
    struct found f;

    if (client_path(fd, REQUEST_STAT, path) < 0 || client_attributes(fd, &f, &reply) < 0)
        return EXIT_CLOSED;
    if (f.error != 0)
        return no(&f);
    printf("%s size %llu root %u modified %lld created %lld\n", kinds[f.kind % 4], (unsigned long long)f.size,
           f.root, (long long)f.modified, (long long)f.created);
    return 0;
}

static int do_cat(int fd, const char *path)
{
    struct found f;

    if (client_open(fd, path, 0) < 0 || client_attributes(fd, &f, &reply) < 0)
        return EXIT_CLOSED;
    if (f.error != 0)
        return no(&f);
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
    printf("%s %llu %.*s\n", kinds[f->kind % 4], (unsigned long long)f->size, (int)length, name);
}

static int do_list(int fd, const char *path)
{
    if (client_path(fd, REQUEST_LIST, path) < 0)
        return EXIT_CLOSED;
    struct found outcome;
    if (client_outcome(fd, &reply, &outcome, print_entry, NULL) < 0)
        return EXIT_CLOSED;
    return outcome.error == 0 ? 0 : no(&outcome);
}

static int done(int fd)
{
    struct found f;

    if (client_done(fd, &f, &reply) < 0)
        return EXIT_CLOSED;
    if (f.error != 0)
        return no(&f);
    printf("done root %u\n", f.root);
    return 0;
}

static int do_mkdir(int fd, const char *path)
{
    return client_path(fd, REQUEST_MKDIR, path) < 0 ? EXIT_CLOSED : done(fd);
}

static int do_delete(int fd, const char *path)
{
    return client_path(fd, REQUEST_DELETE, path) < 0 ? EXIT_CLOSED : done(fd);
}

static int access_to(int fd, const char *path, uint16_t what)
{
    return client_path_and(fd, REQUEST_ACCESS, path, what) < 0 ? EXIT_CLOSED : done(fd);
}

static int do_writable(int fd, const char *path)
{
    return access_to(fd, path, ACCESS_WRITE);
}

static int do_all_writable(int fd, const char *path)
{
    return access_to(fd, path, ACCESS_READ | ACCESS_WRITE | ACCESS_DEEP);
}

/* What comes from standard input. */
static int put(int fd, const char *path, uint16_t mode)
{
    static char octets[CONTENT_MAX];
    ssize_t n;

    if (client_path_and(fd, REQUEST_CREATE, path, mode) < 0)
        return EXIT_CLOSED;
    int status = done(fd);
    if (status != 0)
        return status;
    while ((n = read(STDIN_FILENO, octets, sizeof octets)) > 0)
        if (client_content(fd, octets, (size_t)n) < 0)
            return EXIT_CLOSED;
    return client_commit(fd) < 0 ? EXIT_CLOSED : done(fd);
}

static int do_new(int fd, const char *path)
{
    return put(fd, path, UPLOAD_NEW);
}

static int do_put(int fd, const char *path)
{
    return put(fd, path, UPLOAD_REPLACE);
}

static int do_in_place(int fd, const char *path)
{
    return put(fd, path, UPLOAD_IN_PLACE);
}

static void put_words(struct writer *w, const char *word)
{
    put_u16(w, word == NULL ? 0 : 1);
    if (word != NULL)
        put_string(w, word, strlen(word));
}

/* Runs a program without input, and prints what it says. */
static int run(int fd, const char *path, uint16_t flags)
{
    uint8_t payload[8192];
    struct writer w = {.start = payload, .size = sizeof payload};

    put_string(&w, "", 0);
    put_string(&w, path, strlen(path));
    if (w.full || client_send(fd, REQUEST_FIND, payload, w.used) < 0 || client_receive(fd, &reply) < 0)
        return EXIT_CLOSED;
    struct reader r = {.at = reply.payload, .left = reply.length};
    struct found f = {.error = take_u16(&r)};
    if (f.error != 0)
        return no(&f);
    w = (struct writer){.start = payload, .size = sizeof payload};
    put_u16(&w, 0);
    put_u16(&w, flags);
    put_string(&w, "", 0);
    put_words(&w, NULL);
    put_words(&w, NULL);
    put_words(&w, "PATH=/usr/local/bin:/usr/bin:/bin");
    if (client_send(fd, REQUEST_RUN, payload, w.used) < 0)
        return EXIT_CLOSED;
    /* Whoever was refused at once is not there any more to hear it; the answer is. */
    client_send(fd, REQUEST_STDIN_END, NULL, 0);
    while (client_receive(fd, &reply) == 0) {
        r = (struct reader){.at = reply.payload, .left = reply.length};
        if (reply.type == REPLY_STARTED && (f.error = take_u16(&r)) != 0) {
            take_u32(&r);
            struct text why = take_string(&r);
            if (why.length > 0)
                printf("%.*s\n", (int)why.length, why.octets);
            return no(&f);
        }
        if (reply.type == REPLY_STDOUT || reply.type == REPLY_STDERR) {
            fwrite(reply.payload, 1, reply.length, stdout);
            fflush(stdout);
        }
        if (reply.type == REPLY_EXITED) {
            bool killed = take_u16(&r) != 0;
            uint16_t status = take_u16(&r);
            uint16_t limit = take_u16(&r);
            if (limit != LIMIT_NONE)
                printf("limit %u\n", limit);
            return killed ? EXIT_CLOSED : status;
        }
    }
    return EXIT_CLOSED;
}

static int do_run(int fd, const char *path)
{
    return run(fd, path, 0);
}

static int do_run_elsewhere(int fd, const char *path)
{
    return run(fd, path, RUN_ELSEWHERE);
}

/* Stays confined until standard input ends, so that a test can look at the helper from outside. */
static int do_wait(int fd, const char *path)
{
    char ignored[16];

    (void)path;
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
        ;
    return do_stat(fd, "");
}

/* [MOUNT=]FOLDER[,w][,a], more of them behind a colon: to be written to, an archive. */
static struct requested_root take_root(char *word)
{
    struct requested_root root = {.mount = "", .flags = PROTOCOL_ROOT_READ_ONLY};
    char *equals = strchr(word, '=');

    if (equals != NULL) {
        *equals = '\0';
        root.mount = word;
        word = equals + 1;
    }
    root.folder = strsep(&word, ",");
    for (const char *flag; (flag = strsep(&word, ",")) != NULL;) {
        if (*flag == 'w')
            root.flags &= (uint16_t)~PROTOCOL_ROOT_READ_ONLY;
        if (*flag == 'a')
            root.flags |= PROTOCOL_ROOT_ARCHIVE;
    }
    return root;
}

static struct confine_request take_roots(const char *context, char *words)
{
    static struct requested_root roots[ROOTS_MAX];
    unsigned n = 0;

    for (char *word; n < ROOTS_MAX && (word = strsep(&words, ":")) != NULL;)
        roots[n++] = take_root(word);
    struct confine_request request = client_request(context, roots[0].folder);
    request.roots = (uint16_t)n;
    request.mount = roots[0].mount;
    request.flags = roots[0].flags;
    request.more = roots + 1;
    request.more_count = n - 1;
    return request;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int fd, const char *path);
    } commands[] = {
        {"stat", do_stat},
        {"cat", do_cat},
        {"list", do_list},
        {"wait", do_wait},
        {"mkdir", do_mkdir},
        {"delete", do_delete},
        {"new", do_new},
        {"put", do_put},
        {"in-place", do_in_place},
        {"writable", do_writable},
        {"all-writable", do_all_writable},
        {"run", do_run},
        {"run-elsewhere", do_run_elsewhere},
    };
    struct confined confined;
    const char *user = "";
    const char *group = "";
    uint64_t memory = 0;

    for (; argc > 6; argc--, argv++) {
        if (strncmp(argv[1], "user=", 5) == 0)
            user = argv[1] + 5;
        else if (strncmp(argv[1], "group=", 6) == 0)
            group = argv[1] + 6;
        else if (strncmp(argv[1], "memory=", 7) == 0)
            memory = strtoull(argv[1] + 7, NULL, 10);
        else
            break;
    }
    if (argc != 6) {
        fprintf(
            stderr,
            "usage: launcher-client [user=NAME] [group=NAME] [memory=OCTETS] SOCKET CONTEXT ROOTS COMMAND "
            "PATH\n"
            "COMMAND: stat cat list wait mkdir delete writable all-writable; new put in-place "
            "take standard input; run, of a launcher for programs, and run-elsewhere, into another domain\n"
            "ROOTS: [MOUNT=]FOLDER[,w][,a], more of them behind a colon\n");
        return EX_USAGE;
    }
    int fd = client_connect(argv[1]);
    if (fd < 0) {
        fprintf(stderr, "launcher-client: %s: %s\n", argv[1], strerror(errno));
        return EX_NOHOST;
    }
    /* A test may want something to happen between the connection and the frame. */
    if (getenv("LAUNCHER_CLIENT_WAITS") != NULL) {
        puts("connected");
        fflush(stdout);
        getchar();
    }
    struct confine_request request = take_roots(argv[2], argv[3]);
    if (strncmp(argv[4], "run", 3) == 0)
        request.way = PROTOCOL_WAY_PROGRAMS;
    request.user = user;
    request.group = group;
    request.memory = memory;
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
    fflush(stdout);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[4], commands[i].name) == 0)
            return commands[i].run(fd, argv[5]);
    fprintf(stderr, "launcher-client: %s: no such command\n", argv[4]);
    return EX_USAGE;
}
