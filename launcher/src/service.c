/* SPDX-License-Identifier: Apache-2.0 */
/* What a service manager passes in the environment: a socket, and where it wants to hear from this process.
 */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "log.h"
#include "options.h"

enum {
    DAY_US = 86400 * 1000000L,
};

/* True when the variable names this process. */
static bool is_own_pid(const char *name)
{
    const char *text = getenv(name);
    unsigned long pid = 0;

    return text != NULL && option_number(text, INT32_MAX, &pid) && pid == (unsigned long)getpid();
}

bool service_passes_socket(void)
{
    return getenv("LISTEN_FDS") != NULL && is_own_pid("LISTEN_PID");
}

static bool has_option(int fd, int option, int wanted)
{
    int value = 0;
    socklen_t length = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 && value == wanted;
}

int service_take_socket(void)
{
    int fd = SERVICE_FIRST_PASSED;

    if (strcmp(getenv("LISTEN_FDS"), "1") != 0) {
        log_line("LISTEN_FDS [%s]: expected one socket", getenv("LISTEN_FDS"));
        return -1;
    }
    if (!has_option(fd, SO_DOMAIN, AF_UNIX) || !has_option(fd, SO_TYPE, SOCK_STREAM) ||
        !has_option(fd, SO_ACCEPTCONN, 1)) {
        log_line(
            "descriptor 3: expected a Unix-domain stream socket that listens (ListenStream=, Accept=no)");
        return -1;
    }
    /* Helpers wait in accept(): where it does not wait they would use up a processor. */
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        log_line("descriptor 3: %s", strerror(errno));
        return -1;
    }
    return fd;
}

/* A name that begins with `@` is an abstract one, whose first octet is 0 and which has no NUL at its end. */
static bool set_address(struct service *s, const char *name)
{
    size_t length = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof s->address.sun_path)
        return false;
    s->address.sun_family = AF_UNIX;
    memcpy(s->address.sun_path, name, length);
    if (name[0] == '@')
        s->address.sun_path[0] = '\0';
    s->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] == '/'));
    return true;
}

/* Twice as often as the manager asks for: it may be late, and so may this process. */
static bool set_interval(struct service *s)
{
    const char *text = getenv("WATCHDOG_USEC");
    unsigned long us = 0;

    if (text == NULL || (getenv("WATCHDOG_PID") != NULL && !is_own_pid("WATCHDOG_PID")))
        return true;
    if (!option_number(text, DAY_US, &us) || us == 0) {
        log_line("WATCHDOG_USEC [%s]: expected microseconds, at most a day", text);
        return false;
    }
    s->interval = (int64_t)us * 1000 / 2;
    return true;
}

int service_open(struct service *s)
{
    const char *name = getenv("NOTIFY_SOCKET");

    *s = (struct service){.fd = -1};
    if (name == NULL)
        return 0;
    if (!set_address(s, name)) {
        log_line("NOTIFY_SOCKET [%s]: expected an absolute path, or `@` and an abstract name", name);
        return -1;
    }
    if (!set_interval(s))
        return -1;
    s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0) {
        log_line("NOTIFY_SOCKET [%s]: %s", name, strerror(errno));
        return -1;
    }
    return 0;
}

static int tell(const struct service *s, const char *state, int flags)
{
    /* Not connected, so that a manager which was restarted meanwhile still hears it. */
    return sendto(s->fd, state, strlen(state), MSG_NOSIGNAL | flags, (const struct sockaddr *)&s->address,
                  s->length) < 0
               ? -errno
               : 0;
}

int service_notify(const struct service *s, const char *state)
{
    return s->fd < 0 ? 0 : tell(s, state, 0);
}

bool service_due(const struct service *s, int64_t now)
{
    return s->fd >= 0 && s->interval != 0 && now >= s->next;
}

void service_live(struct service *s, int64_t now, const char *status)
{
    char state[512];

    format(state, sizeof state, "WATCHDOG=1\nSTATUS=%s", status);
    /* One that is lost is the manager's to notice: that is what it asked for. */
    tell(s, state, MSG_DONTWAIT);
    s->next = now + s->interval;
}
