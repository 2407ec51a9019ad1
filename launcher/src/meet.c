/* SPDX-License-Identifier: Apache-2.0 */
/* A helper and its client: who it is, the one frame that is read before the confinement, and whether it may
 * ask for that. */
#include "meet.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "allow.h"
#include "deadline.h"
#include "domains.h"
#include "ends.h"
#include "fail.h"
#include "log.h"
#include "protocol.h"
#include "states.h"
#include "wire.h"

/*
 * The launcher is woken by deaths, of which there is one for each request for files anyway. Only when many
 * helpers have a client and none has died does one of them wake it.
 */
void meet_tell(const struct setting *s, pid_t news)
{
    static const uint64_t one = 1;
    int unread = 0;

    if (write(s->busy, &news, sizeof news) != sizeof news || ioctl(s->busy, FIONREAD, &unread) < 0)
        _exit(EXIT_FAILED);
    if (unread >= s->low_mark && write(s->low, &one, sizeof one) != sizeof one)
        _exit(EXIT_FAILED);
}

static int accept_one(const struct setting *s, pid_t self)
{
    for (;;) {
        int connection = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0) {
            deadline_set(CONFINE_DEADLINE_MS);
            meet_tell(s, self);
            return connection;
        }
        if (errno != EINTR && errno != ECONNABORTED && errno != EAGAIN) {
            log_line("accept: %s", strerror(errno));
            _exit(EXIT_FAILED);
        }
    }
}

/* Without a file there is one client, and the command line to be looked at. */
static void log_stranger(const struct setting *s, int r, const struct peer *peer)
{
    if (r < 0)
        log_line("refused a client: the kernel does not say who it is: %s", strerror(-r));
    else if (s->config != NULL && r == PEER_WRONG_UID)
        log_line("refused a client: pid %d has uid %u, which no client in %s has", peer->pid, peer->uid,
                 s->config->path);
    else if (s->config != NULL)
        log_line("refused a client: pid %d has uid %u and context %s, which no client in %s has", peer->pid,
                 peer->uid, peer->context, s->config->path);
    else if (r == PEER_WRONG_UID)
        log_line("refused a client: pid %d has uid %u, expected %u (--client-uid)", peer->pid, peer->uid,
                 s->clients[0].uid);
    else
        log_line("refused a client: pid %d has context %s, expected type %s (--client-domain)", peer->pid,
                 peer->context, s->clients[0].domain);
}

static void check_peer(const struct setting *s, int connection, struct peer *peer)
{
    /* A state that cannot be told counts as enforcing. Permissive got here by --not-enforcing only, or is
     * refused once the frame is here. */
    const struct peer_policy policy = {
        .clients = s->clients,
        .count = s->client_count,
        .domains = s->selinux.present && context_enforcing(&s->selinux) != 0,
    };

    int r = peer_check(connection, &policy, peer);
    if (r == 0)
        return;
    log_stranger(s, r, peer);
    _exit(EXIT_STRANGER);
}

int meet_client(const struct setting *s, pid_t self, struct peer *peer)
{
    int connection = accept_one(s, self);

    check_peer(s, connection, peer);
    return connection;
}

void meet_frame(const struct setting *s, int connection, struct confine *asked)
{
    uint8_t *frame = s->memory;
    const char *why = "";

    if (wire_read(connection, frame, FRAME_HEADER) != 0)
        _exit(EXIT_GONE);
    struct header header = header_parse(frame);
    if (header.type != REQUEST_CONFINE)
        _exit(EXIT_BAD_FRAME);
    if (!state_allows(STATE_NEW, &header))
        fail(connection, FAILED_MALFORMED, 0,
             "the header of CONFINE: longer than %d octets, or its zero field is not 0", FRAME_MAX_CONFINE);
    if (wire_read(connection, frame + FRAME_HEADER, header.length) != 0)
        _exit(EXIT_GONE);
    int reason = confine_parse(frame + FRAME_HEADER, header.length, asked, &why);
    if (reason != 0)
        fail(connection, (enum failed_reason)reason, 0, "%s", why);
    if (asked->way != s->way)
        fail(connection, FAILED_NOT_ALLOWED, 0,
             "way %u: the helpers of this launcher know way %u only (--way)", asked->way, s->way);
}

static void check_root_allowed(const struct setting *s, int connection, const struct peer *peer,
                               const struct confine *asked, const struct confine_root *root,
                               struct identity *identity)
{
    int r = allow_root(s->config, peer, asked, root, identity);
    if (r == 0)
        return;
    const char *what = allow_refusals[r];
    int context_length = (int)asked->context.length;
    const char *folder = root == NULL ? "-" : root->folder.octets;
    int folder_length = root == NULL ? 1 : (int)root->folder.length;
    int user_length = (int)asked->user.length;
    int group_length = (int)asked->group.length;
    log_line("refused request %.*s: no line of %s allows %s to pid %d, uid %u: context %.*s, root %.*s, user "
             "%.*s, group %.*s",
             (int)asked->request_id.length, asked->request_id.octets, s->config->path, what, peer->pid,
             peer->uid, context_length, asked->context.octets, folder_length, folder, user_length,
             asked->user.octets, group_length, asked->group.octets);
    fail(connection, FAILED_NOT_ALLOWED, 0,
         "no line of the launcher's file allows %s to this client: context %.*s, root %.*s, user %.*s, group "
         "%.*s",
         what, context_length, asked->context.octets, folder_length, folder, user_length, asked->user.octets,
         group_length, asked->group.octets);
}

/* The launcher's own file decides what this client may ask for, whatever the client decided. Without one
 * there is nobody who could have allowed another identity. */
static void check_allowed(const struct setting *s, int connection, const struct peer *peer,
                          const struct confine *asked, struct identity *identity)
{
    struct confine_list roots = asked->roots;
    struct confine_root root;

    if (s->config == NULL) {
        if (asked->user.length > 0 || asked->group.length > 0 || asked->capabilities.count > 0)
            fail(connection, FAILED_NOT_ALLOWED, 0,
                 "user, group and capabilities are for a launcher with a file of its own (--config) that "
                 "allows them");
        return;
    }
    if (roots.count == 0)
        check_root_allowed(s, connection, peer, asked, NULL, identity);
    for (bool first = true; confine_next_root(&roots, &root); first = false) {
        struct identity before = *identity;
        check_root_allowed(s, connection, peer, asked, &root, identity);
        /* One number may be that of several accounts, and the lines may name one each. */
        if (!first && !identity_same(&before, identity))
            fail(connection, FAILED_NOT_ALLOWED, 0,
                 "the lines of the launcher's file that allow these roots make user %.*s, group %.*s "
                 "different "
                 "accounts",
                 (int)asked->user.length, asked->user.octets, (int)asked->group.length, asked->group.octets);
    }
}

/* SELinux may have been switched since the launcher started, or while the client took its time. */
static void check_kernel(const struct setting *s, int connection, const struct peer *peer)
{
    int enforcing = context_enforcing(&s->selinux);

    if (enforcing < 0)
        fail(connection, FAILED_CONTEXT, -enforcing, "cannot tell whether SELinux is enforcing: %s",
             strerror(-enforcing));
    if (!enforcing && !s->not_enforcing)
        fail(connection, FAILED_CONTEXT, 0, "SELinux is not enforcing any more (setenforce 1)");
    if (enforcing && !s->own_domain)
        fail(connection, FAILED_CONTEXT, 0,
             "SELinux has become enforcing, and the launcher is not in %s: restart it there",
             LAUNCHER_DOMAIN);
    if (enforcing && peer->context[0] == '\0')
        fail(connection, FAILED_CONTEXT, 0,
             "SELinux was not enforcing when this client connected, so its domain was not looked at: connect "
             "again");
}

void meet_permission(const struct setting *s, int connection, const struct peer *peer,
                     const struct confine *asked, struct identity *identity)
{
    check_allowed(s, connection, peer, asked, identity);
    check_kernel(s, connection, peer);
}
