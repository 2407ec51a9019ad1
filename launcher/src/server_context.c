/* SPDX-License-Identifier: Apache-2.0 */
/* Starts another program, Tomcat, in a context of the administrator's choice. */
#include "server_context.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "context.h"
#include "domains.h"
#include "format.h"
#include "log.h"
#include "options.h"

enum {
    CONTEXT = 2, /* where each stands on the command line */
    DASHES = 3,
    COMMAND = 4,
    FIELD_MAX = 255,
};

struct wish {
    char domain[FIELD_MAX + 1];
    const char *range; /* NULL where none is given */
};

bool server_asked(int argc, char *const *argv)
{
    return argc > 1 && strcmp(argv[1], "--server-context") == 0;
}

static bool take_wish(int argc, char *const *argv, struct wish *wish)
{
    if (argc <= COMMAND || strcmp(argv[DASHES], "--") != 0 || argv[COMMAND][0] != '/')
        return false;
    size_t length = strcspn(argv[CONTEXT], ":");
    if (length > FIELD_MAX)
        return false;
    memcpy(wish->domain, argv[CONTEXT], length);
    wish->domain[length] = '\0';
    wish->range = argv[CONTEXT][length] == ':' ? argv[CONTEXT] + length + 1 : NULL;
    return option_type_name(wish->domain) && (wish->range == NULL || *wish->range != '\0');
}

/* Returns 0 or the exit status. */
static int check_selinux(struct selinux *s)
{
    int r = context_open(s);
    if (r < 0) {
        log_line("%s: %s", s->asked, strerror(-r));
        return EX_OSERR;
    }
    int enforcing = r == 0 ? context_enforcing(s) : 0;
    if (enforcing == 1)
        return 0;
    log_line("--server-context: SELinux is %s: no context would hold anybody",
             !s->present     ? "disabled, or not mounted"
             : enforcing < 0 ? "in a state that cannot be told"
                             : "permissive");
    return EX_UNAVAILABLE;
}

/* Returns the exit status, having logged that. */
static int refuse(int status, const char *context, const char *why)
{
    log_line("--server-context: %s: %s", context, why);
    return status;
}

static int choose_range(const struct selinux *s, const struct wish *wish, const char **range)
{
    char other[CONTEXT_SIZE];
    size_t at = context_range_at(s->own, strlen(s->own));

    format(other, sizeof other, "%.*ss1", (int)at, s->own);
    int levels = context_valid(other);
    if (levels < 0)
        return refuse(EX_OSERR, "/sys/fs/selinux/context", strerror(-levels));
    *range = wish->range != NULL ? wish->range : levels ? s->own + at : "s0";
    if (!levels && strcmp(*range, "s0") != 0)
        return refuse(
            EX_NOPERM, *range,
            "this policy has categories, but no levels: helpers at a category could not reach sockets, "
            "pipes and /proc entries of a server with another range than s0");
    return 0;
}

static int apply(const struct selinux *s, const char *context)
{
    switch (context_exec(s, context)) {
    case 0:
        return 0;
    case CONTEXT_UNKNOWN:
        return refuse(
            EX_NOPERM, context,
            "the loaded policy does not know it, or not with this SELinux user and role: they are the "
            "caller's, as a service they are system_u:system_r");
    case CONTEXT_DENIED:
        return refuse(EX_NOPERM, context, "the policy does not let this domain choose (process setexec)");
    case CONTEXT_DIFFERS:
        return refuse(EX_OSERR, context, "the kernel says that another one would be taken");
    default:
        return refuse(EX_OSERR, context, "cannot be set for what is to be started");
    }
}

int server_start(int argc, char *const *argv)
{
    struct selinux s;
    struct wish wish;
    char context[CONTEXT_SIZE];
    const char *range = "";

    if (!take_wish(argc, argv, &wish)) {
        log_line("expected --server-context DOMAIN[:RANGE] -- COMMAND [ARGUMENT]..., alone and with an "
                 "absolute path");
        return EX_USAGE;
    }
    int status = check_selinux(&s);
    if (status == 0 && context_type_is(s.own, strlen(s.own), LAUNCHER_DOMAIN))
        status = refuse(EX_NOPERM, LAUNCHER_DOMAIN,
                        "the launcher's own domain starts nobody: use a copy with the label of ordinary "
                        "programs (bin_t)");
    if (status == 0)
        status = choose_range(&s, &wish, &range);
    if (status != 0)
        return status;
    size_t at = context_type_at(s.own, strlen(s.own));
    size_t length = format(context, sizeof context, "%.*s%s:%s", (int)at, s.own, wish.domain, range);
    if (length >= sizeof context - 1)
        return refuse(EX_USAGE, argv[CONTEXT], "too long");
    status = apply(&s, context);
    if (status != 0)
        return status;
    /* From here on the kernel either starts it in exactly that context, or not at all. */
    execv(argv[COMMAND], argv + COMMAND);
    log_line(
        "--server-context: %s in %s from %s: %s%s", argv[COMMAND], context, s.own, strerror(errno),
        errno == EACCES || errno == EPERM
            ? ": the policy must allow process transition, file entrypoint and, under no-new-privileges, "
              "nnp_transition (ausearch -m avc)"
            : "");
    return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_OSERR;
}
