/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a program below the root, and starting it with nothing but what it is given. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "format.h"
#include "protocol.h"
#include "status.h"

static int open_path(int at, const char *name)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    long fd = syscall(SYS_openat2, at, name, &how, sizeof how);

    if (fd >= 0)
        return (int)fd;
    return errno == ELOOP || errno == EXDEV || errno == ENOTDIR ? -ENOENT : -errno;
}

static bool plain(const char *segment, size_t length)
{
    return length > 0 && length <= NAME_MAX && !(segment[0] == '.' && length == 1) &&
           !(segment[0] == '.' && segment[1] == '.' && length == 2);
}

/* Opens what the segment names: 0 with *regular said, or a positive errno. */
static int step(int at, const char *segment, size_t length, int *fd, bool *regular)
{
    char name[NAME_MAX + 1];
    struct status status;

    if (!plain(segment, length))
        return ENOENT;
    memcpy(name, segment, length);
    name[length] = '\0';
    *fd = open_path(at, name);
    if (*fd < 0)
        return -*fd;
    int r = status_of(*fd, "", AT_EMPTY_PATH, &status);
    *regular = r == 0 && S_ISREG(status.mode);
    if (r == 0 && !*regular && !S_ISDIR(status.mode))
        r = -ENOENT;
    if (r < 0)
        close(*fd);
    return -r;
}

static void forget(struct found_program *found)
{
    if (found->folder >= 0)
        close(found->folder);
    if (found->file >= 0)
        close(found->file);
    found->folder = found->file = -1;
    found->name[0] = '\0';
}

static void name_it(struct found_program *found, const char *folder, const struct text *prefix,
                    const struct text *path, size_t length)
{
    const char *between = prefix->length > 0 ? "/" : "";

    if (strcmp(folder, "/") == 0)
        folder = "";
    format(found->name, sizeof found->name, "%s%s%.*s/%.*s", folder, between, (int)prefix->length,
           prefix->octets, (int)length, path->octets);
}

int program_find(int root, const char *folder, struct text *prefix, const struct text *path,
                 struct found_program *found, uint16_t *length)
{
    size_t start = 0;

    forget(found);
    if (prefix->length > PATH_OCTETS_MAX || path->length > PATH_OCTETS_MAX)
        return ENAMETOOLONG;
    int at = prefix->length == 0 ? fcntl(root, F_DUPFD_CLOEXEC, 0) : open_path(root, text_terminate(prefix));
    if (at < 0)
        return prefix->length == 0 ? errno : -at;
    for (;;) {
        const char *segment = path->octets + start;
        const char *slash = memchr(segment, '/', path->length - start);
        size_t width = slash == NULL ? path->length - start : (size_t)(slash - segment);
        bool regular = false;
        int fd = -1;

        int error = step(at, segment, width, &fd, &regular);
        if (error == 0 && regular) {
            found->folder = at;
            found->file = fd;
            *length = (uint16_t)(start + width);
            name_it(found, folder, prefix, path, *length);
            return 0;
        }
        close(at);
        if (error != 0)
            return error;
        at = fd;
        if (slash == NULL)
            break;
        start += width + 1;
    }
    close(at);
    return ENOENT;
}

/* A list of strings, terminated for the kernel, behind what is there already. */
static bool take_list(struct reader *r, const char **list, size_t *used, size_t most)
{
    for (unsigned left = take_u16(r); left > 0 && !r->bad; left--) {
        struct text t = take_string(r);
        if (r->bad || *used == most)
            return false;
        list[(*used)++] = text_terminate(&t);
    }
    return !r->bad;
}

bool command_parse(uint8_t *payload, size_t length, const struct found_program *program, struct command *out)
{
    struct reader r = {.at = payload, .left = length};
    size_t arguments = 0;
    size_t variables = 0;

    out->expected = take_u16(&r);
    uint16_t flags = take_u16(&r);
    struct text interpreter = take_string(&r);
    if (r.bad || (flags & ~RUN_ELSEWHERE) != 0)
        return false;
    out->elsewhere = (flags & RUN_ELSEWHERE) != 0;
    out->file = NULL;
    if (interpreter.length > 0) {
        out->file = text_terminate(&interpreter);
        out->arguments[arguments++] = out->file;
    }
    if (!take_list(&r, out->arguments, &arguments, PROGRAM_ARGUMENTS_MAX))
        return false;
    out->arguments[arguments++] = program->name;
    if (!take_list(&r, out->arguments, &arguments, PROGRAM_ARGUMENTS_MAX + 1) ||
        !take_list(&r, out->variables, &variables, PROGRAM_VARIABLES_MAX))
        return false;
    out->arguments[arguments] = NULL;
    out->variables[variables] = NULL;
    /* Without an interpreter there is nothing that its arguments could be for. */
    return reader_complete(&r) && (out->file != NULL || out->arguments[0] == program->name);
}

int command_resolve(struct command *command, char *name, size_t size)
{
    static const char *const folders[] = {"/usr/local/bin/", "/usr/bin/", "/bin/"};

    if (command->file == NULL)
        return 0;
    if (command->file[0] == '/')
        return 0;
    if (strchr(command->file, '/') != NULL || strlen(command->file) > NAME_MAX)
        return ENOENT;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        format(name, size, "%s%s", folders[i], command->file);
        if (faccessat(AT_FDCWD, name, X_OK, 0) == 0) {
            command->file = name;
            return 0;
        }
        if (errno != ENOENT)
            return errno;
    }
    return ENOENT;
}

/* One pipe; the program's end is out of the way of the numbers that it will have. */
static int make_pipe(int *ours, int *theirs, int our_end)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    *ours = fds[our_end];
    *theirs = fds[!our_end];
    if (*theirs < 3) {
        *theirs = fcntl(fds[!our_end], F_DUPFD_CLOEXEC, 3);
        close(fds[!our_end]);
    }
    return *theirs < 0 || fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* In the memory of its parent, which waits: nothing here may change what the parent still needs. */
static _Noreturn void become(const struct found_program *program, const struct command *command,
                             const int theirs[3], pid_t parent, volatile int *error)
{
    static const struct sigaction ordinary = {.sa_handler = SIG_DFL};
    sigset_t none;

    sigemptyset(&none);
    /* The folder first: its descriptor may be among those that the streams take the place of. */
    bool ready = fchdir(program->folder) == 0 && setsid() >= 0;
    for (int fd = 0; ready && fd < 3; fd++)
        ready = dup3(theirs[fd], fd, 0) == fd;
    ready = ready && syscall(SYS_close_range, 3, UINT_MAX, 0) == 0;
    /* Whoever kills the relay kills the program, unless its exec takes it to another domain, which makes the
     * kernel forget this. That one, and what a program forked, are the supervisor's to find. */
    ready = ready && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
    if (ready && getppid() != parent)
        _exit(1);
    umask(022);
    /* The launcher has set all others to their defaults. */
    ready = ready && sigaction(SIGPIPE, &ordinary, NULL) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ready)
        execve(command->file != NULL ? command->file : program->name, (char *const *)command->arguments,
               (char *const *)command->variables);
    *error = errno;
    _exit(1);
}

pid_t program_start(const struct found_program *program, const struct command *command,
                    struct streams *streams)
{
    int theirs[3];
    volatile int error = 0;
    pid_t parent = getpid();

    int r = make_pipe(&streams->input, &theirs[0], 1);
    if (r == 0)
        r = make_pipe(&streams->output, &theirs[1], 0);
    if (r == 0)
        r = make_pipe(&streams->errors, &theirs[2], 0);
    if (r < 0)
        return r;
    pid_t pid = vfork();
    if (pid == 0)
        become(program, command, theirs, parent, &error);
    if (pid < 0)
        error = errno;
    for (int i = 0; i < 3; i++)
        close(theirs[i]);
    return error != 0 ? -error : pid;
}
