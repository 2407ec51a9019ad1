/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. */
#include "options.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "domains.h"
#include "log.h"
#include "service.h"

const char options_help[] =
    "usage: tomcat-selinux-launcher --socket PATH [OPTION]...\n"
    "       tomcat-selinux-launcher [OPTION]...   with a socket from a service manager (LISTEN_FDS)\n"
    "\n"
    "Listens on PATH and forks helpers, each of which confines itself to the SELinux context\n"
    "that its client names, and then serves files from a folder to it. See docs/protocol.md.\n"
    "\n"
    "  --socket PATH         where to listen; mode 0600; a socket that nobody listens on is replaced\n"
    "  --config PATH         who may connect and what each may ask for: a file of root's; a frame that asks "
    "for\n"
    "                        more is refused\n"
    "  --child               end when standard input does; print \"ready PID CONTEXT\" once listening\n"
    "  --not-enforcing       go on where SELinux is disabled or permissive; changes nothing where it is "
    "enforcing\n"
    "  --client-domain TYPE  SELinux type that a client must have (default " DEFAULT_CLIENT_DOMAIN ")\n"
    "  --client-uid UID      user id that a client must have (default: the launcher's own)\n"
    "  --idle N              helpers waiting for a client (default 8)\n"
    "  --max N               helpers in all (default 256, at most 4096)\n"
    "  --way files|programs  what its helpers do (default files)\n"
    "  --cgroup              each program in a cgroup of its own, where its processes are counted: for a\n"
    "                        service with --way programs and Delegate=yes\n"
    "  --help                print this\n"
    "\n"
    "or, to start Tomcat in a context:\n"
    "  --server-context DOMAIN[:RANGE] -- COMMAND [ARGUMENT]...\n"
    "\n"
    "exit status:\n"
    "   0  told to end, or standard input ended\n"
    "  64  command line wrong\n"
    "  69  SELinux is disabled or permissive, or its state cannot be told\n"
    "  71  the system refused something else\n"
    "  73  the socket cannot be made, or PATH is taken\n"
    "  77  not in the domain " LAUNCHER_DOMAIN "\n"
    "  78  the file of --config is not trustworthy, or wrong\n";

bool option_number(const char *text, unsigned long most, unsigned long *value)
{
    unsigned long v = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        v = v * 10 + (unsigned long)(*text - '0');
        if (v > most)
            return false;
    }
    *value = v;
    return true;
}

bool option_type_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    return *text != '\0' && text[strspn(text, letters)] == '\0';
}

int options_parse(struct options *o, int argc, char **argv)
{
    enum {
        SOCKET = 256,
        CONFIG,
        CHILD,
        NOT_ENFORCING,
        CLIENT_DOMAIN,
        CLIENT_UID,
        IDLE,
        MAX,
        WAY,
        CGROUP,
        HELP
    };
    static const struct option known[] = {
        {"socket", required_argument, NULL, SOCKET},
        {"config", required_argument, NULL, CONFIG},
        {"child", no_argument, NULL, CHILD},
        {"not-enforcing", no_argument, NULL, NOT_ENFORCING},
        {"client-domain", required_argument, NULL, CLIENT_DOMAIN},
        {"client-uid", required_argument, NULL, CLIENT_UID},
        {"idle", required_argument, NULL, IDLE},
        {"max", required_argument, NULL, MAX},
        {"way", required_argument, NULL, WAY},
        {"cgroup", no_argument, NULL, CGROUP},
        {"help", no_argument, NULL, HELP},
        {0},
    };
    unsigned long value = 0;
    bool client_named = false;
    int option;

    *o = (struct options){
        .client_domain = DEFAULT_CLIENT_DOMAIN, .client_uid = geteuid(), .idle = 8, .max = 256};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case SOCKET:
            o->socket = optarg;
            break;
        case CONFIG:
            o->config = optarg;
            break;
        case CHILD:
            o->child = true;
            break;
        case NOT_ENFORCING:
            o->not_enforcing = true;
            break;
        case CLIENT_DOMAIN:
            if (!option_type_name(optarg)) {
                log_line("--client-domain [%s]: expected an SELinux type, such as " DEFAULT_CLIENT_DOMAIN,
                         optarg);
                return -1;
            }
            o->client_domain = optarg;
            client_named = true;
            break;
        case CLIENT_UID:
            if (!option_number(optarg, UINT32_MAX - 1, &value)) {
                log_line("--client-uid [%s]: expected a numeric user id", optarg);
                return -1;
            }
            o->client_uid = (uid_t)value;
            client_named = true;
            break;
        case IDLE:
        case MAX:
            if (!option_number(optarg, HELPERS_MAX, &value) || value < 1) {
                log_line("--%s [%s]: expected a number from 1 to %d", option == IDLE ? "idle" : "max", optarg,
                         HELPERS_MAX);
                return -1;
            }
            *(option == IDLE ? &o->idle : &o->max) = (unsigned)value;
            break;
        case WAY:
            o->programs = strcmp(optarg, "programs") == 0;
            if (!o->programs && strcmp(optarg, "files") != 0) {
                log_line("--way [%s]: expected files or programs", optarg);
                return -1;
            }
            break;
        case CGROUP:
            o->cgroup = true;
            break;
        case HELP:
            o->help = true;
            return 0;
        default:
            log_line("[%s]: unknown option, or its value is missing; --help lists all", argv[optind - 1]);
            return -1;
        }
    }
    if (optind < argc) {
        log_line("[%s]: no such argument; --help lists all", argv[optind]);
        return -1;
    }
    bool passed = service_passes_socket();
    if (passed && o->socket != NULL) {
        log_line("--socket [%s]: the service manager has passed a socket already (LISTEN_FDS)", o->socket);
        return -1;
    }
    if (!passed && (o->socket == NULL || o->socket[0] == '\0')) {
        log_line("--socket is missing: where should clients connect?");
        return -1;
    }
    if (o->config != NULL && client_named) {
        log_line("--config [%s]: names the clients, so --client-uid and --client-domain must not", o->config);
        return -1;
    }
    if (o->cgroup && (!o->programs || o->child)) {
        log_line("--cgroup: is for a service that runs programs: with --way programs, and without --child");
        return -1;
    }
    if (o->idle > o->max) {
        log_line("--idle [%u]: more than --max [%u]", o->idle, o->max);
        return -1;
    }
    return 0;
}
