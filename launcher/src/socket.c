/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that clients connect to: made, taken over from a dead predecessor, removed at the end. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "format.h"
#include "log.h"
#include "status.h"

enum {
    LOCK_TRIES = 200, /* 4 s: longer than its holder probes */
    BACKLOG = 256,
    PROBES = 60, /* 3 s: a busy machine takes a while to end many helpers */
};

static int complain(const char *path, const char *what)
{
    log_line("socket %s: %s", path, what);
    return -1;
}

/* Opens the folder and splits the name off. */
static int open_folder(struct listener *l, const char *path)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path];
    const char *slash = strrchr(path, '/');

    l->name = slash == NULL ? path : slash + 1;
    if (slash == NULL)
        strcpy(folder, ".");
    else if (slash == path)
        strcpy(folder, "/");
    else
        format(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    l->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->folder >= 0)
        return 0;
    if (errno == ENOENT)
        return complain(path, "its folder does not exist: create it first");
    log_line("socket %s: cannot open its folder: %s", path, strerror(errno));
    return -1;
}

/* Returns 1 when somebody listens there, 0 when nobody does, or a negative errno. */
static int listened_to(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return -errno;
    int r = connect(probe, (const struct sockaddr *)address, sizeof *address);
    int error = errno;
    close(probe);
    if (r == 0 || error == EAGAIN || error == EPROTOTYPE)
        return 1;
    return error == ECONNREFUSED || error == ENOENT ? 0 : -error;
}

/* The helpers of a launcher that was killed die with it, but not in the same instant. */
static int still_listened_to(const struct sockaddr_un *address)
{
    static const struct timespec moment = {.tv_nsec = 50000000};
    int r = listened_to(address);

    for (int i = 0; r == 1 && i < PROBES; i++) {
        nanosleep(&moment, NULL);
        r = listened_to(address);
    }
    return r;
}

/* Removes what has the name, if it is a socket of this user that nobody listens on. */
static int remove_stale(const struct listener *l, const char *path, const struct sockaddr_un *address)
{
    struct stat s;

    if (fstatat(l->folder, l->name, &s, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : complain(path, strerror(errno));
    if (!S_ISSOCK(s.st_mode))
        return complain(path, "is not a socket: it is left alone; name another path or remove it");
    if (s.st_uid != geteuid())
        return complain(path, "belongs to another user: it is left alone; name another path or remove it");

    int r = still_listened_to(address);
    if (r == 1)
        return complain(path, "in use by a running program");
    if (r < 0) {
        log_line("socket %s: cannot tell whether it is in use: %s", path, strerror(-r));
        return -1;
    }
    if (unlinkat(l->folder, l->name, 0) < 0 && errno != ENOENT) {
        log_line("socket %s: nobody listens on it, but it cannot be removed: %s", path, strerror(errno));
        return -1;
    }
    return 0;
}

static int explain_bind(const char *path)
{
    switch (errno) {
    case EACCES:
    case EPERM:
        return complain(path,
                        "its folder is not writable for this user, or SELinux does not allow a socket there "
                        "(ausearch -m avc)");
    case EROFS:
        return complain(path, "is on a read-only file system");
    default:
        return complain(path, strerror(errno));
    }
}

/* By a descriptor of what was made: the name may have become another file's, which is not ours to give. */
static int give(const struct listener *l, uid_t client)
{
    struct status s;

    int fd = openat(l->folder, l->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = status_of(fd, "", AT_EMPTY_PATH, &s);
    if (r == 0 && (!S_ISSOCK(s.mode) || s.uid != geteuid() || s.links != 1))
        r = -ESTALE;
    if (r == 0 && fchownat(fd, "", client, (gid_t)-1, AT_EMPTY_PATH) < 0)
        r = -errno;
    close(fd);
    return r;
}

static int take_name(struct listener *l, const char *path, uid_t client)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct status s;

    memcpy(address.sun_path, path, strlen(path));
    if (remove_stale(l, path, &address) < 0)
        return -1;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return complain(path, strerror(errno));
    mode_t before = umask(0177);
    int r = bind(l->fd, (const struct sockaddr *)&address, sizeof address);
    umask(before);
    if (r < 0)
        return explain_bind(path);
    r = client != geteuid() ? give(l, client) : 0;
    if (r < 0) {
        log_line("socket %s: cannot be given to client user %u: %s", path, client, strerror(-r));
        unlinkat(l->folder, l->name, 0);
        return -1;
    }
    if (listen(l->fd, BACKLOG) < 0)
        return complain(path, strerror(errno));
    r = status_of(l->folder, l->name, AT_SYMLINK_NOFOLLOW, &s);
    if (r < 0)
        return complain(path, strerror(-r));
    l->inode = s.inode;
    return 0;
}

/* Whoever may read the folder can hold this lock: it is waited for a while, not for ever. */
static int lock(int folder)
{
    static const struct timespec pause = {.tv_nsec = 20000000};

    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(folder, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK)
            return -errno;
        nanosleep(&pause, NULL);
    }
    return -EBUSY;
}

int socket_listen(struct listener *l, const char *path, uid_t client)
{
    *l = (struct listener){.fd = -1, .folder = -1};
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return complain(path, "is longer than the 107 octets that a socket's path may have");
    if (open_folder(l, path) < 0)
        return -1;
    if (l->name[0] == '\0')
        return complain(path, "names a folder");
    /* Two launchers that start at once must not each take the other's new socket for a stale one. */
    int r = lock(l->folder);
    if (r < 0)
        return complain(path, strerror(-r));
    r = take_name(l, path, client);
    flock(l->folder, LOCK_UN);
    return r;
}

void socket_remove(const struct listener *l)
{
    struct status s;

    if (l->name == NULL)
        return;
    /* No errors: at worst a stale socket stays behind, which the next launcher replaces. */
    if (status_of(l->folder, l->name, AT_SYMLINK_NOFOLLOW, &s) < 0 || s.inode != l->inode)
        return;
    filter_launcher_call(SYS_unlinkat, l->folder, (long)l->name, 0, 0, 0);
}
