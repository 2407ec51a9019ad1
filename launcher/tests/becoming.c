/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers that are somebody else than their launcher, and what they may use of the machine. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/capability.h>

#include "client.h"
#include "protocol.h"
#include "stage.h"

enum {
    NOBODY = 65534,
    SOMEBODY_ELSE = 12345,
};

static void needs_root(void)
{
    if (geteuid() != 0)
        skip();
}

static void make(const struct stage *s, const char *name, uid_t uid, gid_t gid, mode_t mode)
{
    char path[256];

    write_file(s->root, name, name, strlen(name));
    snprintf(path, sizeof path, "%s/%s", s->root, name);
    assert_int_equal(chown(path, uid, gid), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* `words` stand behind the root. */
static void configure(const struct stage *s, const char *words)
{
    char text[1024];

    assert_int_equal(chmod(s->folder, 0755), 0);
    make(s, "his", NOBODY, 0, 0600);
    make(s, "theirs", SOMEBODY_ELSE, 0, 0600);
    make(s, "groups", SOMEBODY_ELSE, NOBODY, 0640);
    snprintf(text, sizeof text, "client 0 tomcat_t min-uid=2\nallow t s0 %s %s\n", s->root, words);
    write_file(s->folder, "launcher.conf", text, strlen(text));
}

static const char *way = "files";

static void execute_as_service(struct stage *s, void (*prepare)(const struct stage *), bool child)
{
    char config[128];

    snprintf(config, sizeof config, "%s/launcher.conf", s->folder);
    const char *const arguments[] = {
        "--not-enforcing",        "--socket", s->socket, "--config", config, "--idle", "2", "--way", way,
        child ? "--child" : NULL, NULL};
    execute_prepared(s, arguments, prepare);
}

static void prepare_nothing(const struct stage *s)
{
    (void)s;
}

static void start_configured(struct stage *s, const char *words)
{
    configure(s, words);
    execute_as_service(s, prepare_nothing, false);
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        int fd = client_connect(s->socket);
        if (fd >= 0) {
            close(fd);
            return;
        }
        pause_ms(10);
    }
    fail();
}

static void end(struct stage *s)
{
    assert_int_equal(kill(s->launcher, SIGTERM), 0);
    stop(s);
}

static struct confine_request request_of(const struct stage *s, const char *user, const char *group)
{
    struct confine_request request = client_request("u:r:t:s0", s->root);

    request.user = user;
    request.group = group;
    return request;
}

static int becomes(const struct stage *s, const struct confine_request *request, struct confined *c)
{

    int fd = confined_as(s, request, c, 0);
    return fd;
}

static void assert_refused(const struct stage *s, const struct confine_request *request, const char *words)
{
    char message[4096];
    struct confined c;

    int fd = confined_as(s, request, &c, FAILED_NOT_ALLOWED);
    assert_true(client_failure(&reply, message, sizeof message) >= 0);
    if (strstr(message, words) == NULL)
        print_error("[%s] instead of [%s]\n", message, words);
    assert_non_null(strstr(message, words));
    assert_closed(fd);
}

/* A line of a file about a process, as the kernel writes it. */
static char status_text[8192];

static bool says(pid_t pid, const char *file, const char *line)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    status_text[fread(status_text, 1, sizeof status_text - 1, f)] = '\0';
    fclose(f);
    return strstr(status_text, line) != NULL;
}

static void assert_says(pid_t pid, const char *file, const char *line)
{
    bool right = says(pid, file, line);

    if (!right)
        print_error("[%s] is not in:\n%s", line, status_text);
    assert_true(right);
}

#define NO_CAPABILITIES                                                                                      \
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"                      \
    "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"

static void is_the_user_that_was_asked_for(void **state)
{
    struct stage *s = *state;
    struct confined c;

    needs_root();
    start_configured(s, "user=nobody");
    static const char *const names[] = {"nobody", "65534"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct confine_request request = request_of(s, names[i], "");
        int fd = becomes(s, &request, &c);
        assert_true((c.measures & MEASURE_IDENTITY) != 0 && (c.measures & MEASURE_NO_CAPABILITIES) != 0);
        assert_says(c.pid, "status", "Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534");
        assert_says(c.pid, "status", "Groups:\t ");
        assert_says(c.pid, "status", NO_CAPABILITIES);
        assert_int_equal(open_of(fd, "his").error, 0);
        assert_int_equal(open_of(fd, "groups").error, 0);
        assert_int_equal(open_of(fd, "theirs").error, EACCES);
        close(fd);
    }
    end(s);
}

/* Before anybody knows what will be served: can such a helper be had? */
static void only_becomes_somebody_if_no_root_is_named(void **state)
{
    struct stage *s = *state;
    struct confined c;

    needs_root();
    start_configured(s, "user=nobody");
    struct confine_request request = request_of(s, "nobody", "");
    request.roots = 0;
    int fd = becomes(s, &request, &c);
    assert_true((c.measures & MEASURE_IDENTITY) != 0);
    assert_closed(fd);
    request.user = "daemon";
    assert_refused(s, &request, "root -, user daemon");
    request.user = "nobody";
    request.context = "u:r:other_t:s0";
    assert_refused(s, &request, "allows this domain to");
    end(s);
}

static void has_the_group_and_the_capability_that_were_asked_for(void **state)
{
    struct stage *s = *state;
    struct confined c;

    needs_root();
    start_configured(s, "user=nobody group=-,daemon capability=CAP_DAC_READ_SEARCH,CAP_CHOWN");
    struct confine_request request = request_of(s, "nobody", "daemon");
    int fd = becomes(s, &request, &c);
    assert_says(c.pid, "status", "Gid:\t1\t1\t1\t1");
    assert_says(c.pid, "status", NO_CAPABILITIES);
    assert_int_equal(open_of(fd, "his").error, 0);
    assert_int_equal(open_of(fd, "groups").error, EACCES);
    close(fd);
    request = request_of(s, "nobody", "");
    request.capabilities = "CAP_DAC_READ_SEARCH";
    fd = becomes(s, &request, &c);
    assert_true((c.measures & MEASURE_NO_CAPABILITIES) != 0);
    assert_says(c.pid, "status",
                "CapPrm:\t0000000000000004\nCapEff:\t0000000000000004\nCapBnd:\t0000000000000000");
    assert_int_equal(open_of(fd, "theirs").error, 0);
    close(fd);
    end(s);
}

static void is_nobody_whom_its_file_does_not_allow(void **state)
{
    struct stage *s = *state;
    struct confine_request request;

    needs_root();
    start_configured(s, "user=nobody,bin");
    static const struct {
        const char *user;
        const char *group;
        const char *words;
    } refused[] = {
        {"", "", "allows this user"},
        {"daemon", "", "allows this user"},
        {"1", "", "allows this user"},
        {"nobodyx", "", "allows this user"},
        {"root", "", "ever root's"},
        {"0", "", "ever root's"},
        {"nobody", "root", "ever root's"},
        {"nobody", "00", "ever root's"},
        {"nobody", "bin", "allows this group"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        request = request_of(s, refused[i].user, refused[i].group);
        assert_refused(s, &request, refused[i].words);
    }
    expect_line(s->errors, "launcher.conf allows this user with the rest to pid ");
    expect_line(s->errors, ", user daemon, group ");
    request = request_of(s, "bin", "");
    request.capabilities = "CAP_CHOWN";
    assert_refused(s, &request, "allows these capabilities");
    request.capabilities = "CAP_SETUID";
    assert_refused(s, &request, "allows these capabilities");
    request = request_of(s, "bin", "");
    request.flags = 0;
    assert_refused(s, &request, "");
    /* The next one, who asks for what is allowed, is served. */
    struct confined c;
    request = request_of(s, "bin", "");
    close(becomes(s, &request, &c));
    end(s);
}

static pid_t parent_of(pid_t pid)
{
    char path[64];
    char line[256];
    pid_t parent = 0;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "PPid:\t%d", &parent) == 1)
            break;
    fclose(f);
    assert_true(parent > 1);
    return parent;
}

static void runs_programs_as_that_user_too(void **state)
{
    struct stage *s = *state;
    struct confined c;

    needs_root();
    way = "programs";
    start_configured(s, "user=nobody");
    way = "files";
    struct confine_request request = request_of(s, "nobody", "");
    request.way = PROTOCOL_WAY_PROGRAMS;
    int fd = becomes(s, &request, &c);
    assert_true((c.measures & MEASURE_IDENTITY) != 0 && (c.measures & MEASURE_NO_CAPABILITIES) != 0);
    assert_says(c.pid, "status", "Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534\n");
    assert_says(c.pid, "status", NO_CAPABILITIES);
    /* Whoever watches over it can kill another user's processes, and nothing else: it gives the rest up once
     * it has a relay. */
    for (int k = 0; k < PATIENCE_S * 100 && !says(parent_of(c.pid), "status", "CapEff:\t0000000000000020\n");
         k++)
        pause_ms(10);
    assert_says(parent_of(c.pid), "status",
                "CapInh:\t0000000000000000\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\n");
    assert_int_equal(kill(s->launcher, SIGKILL), 0);
    assert_true(gone_within_a_second(c.pid));
    close(fd);
}

/* As a service manager starts it: a user of its own, the socket, and just these capabilities. */
static int passed;

static void be_a_service(const struct stage *s)
{
    static const unsigned kept[] = {CAP_SETUID, CAP_SETGID, CAP_KILL};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};
    char pid[32];

    (void)s;
    snprintf(pid, sizeof pid, "%d", getpid());
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        sets[0].effective |= 1U << kept[i];
    sets[0].permitted = sets[0].inheritable = sets[0].effective;
    if (dup2(passed, 3) < 0 || fcntl(3, F_SETFD, 0) < 0 || setenv("LISTEN_FDS", "1", 1) < 0 ||
        setenv("LISTEN_PID", pid, 1) < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
        setgroups(0, NULL) < 0 || setgid(SOMEBODY_ELSE) < 0 || setuid(SOMEBODY_ELSE) < 0 ||
        syscall(SYS_capset, &header, sets) < 0)
        _exit(99);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0, 0) < 0)
            _exit(98);
}

/* What it lies in need not be open to other users. */
static void copy_launcher(char *copy, size_t size, const struct stage *s)
{
    char command[512];

    snprintf(copy, size, "%s/launcher", s->folder);
    snprintf(command, sizeof command, "cp '%s' '%s'", launcher_path, copy);
    assert_int_equal(system(command), 0);
}

static void needs_not_be_root_itself(void **state)
{
    struct stage *s = *state;
    const char *path = launcher_path;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char config[128];
    char copy[128];
    struct confined c;

    needs_root();
    configure(s, "user=nobody,-");
    copy_launcher(copy, sizeof copy, s);
    strcpy(address.sun_path, s->socket);
    passed = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(passed, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(passed, 16), 0);
    snprintf(config, sizeof config, "%s/launcher.conf", s->folder);
    launcher_path = copy;
    execute_prepared(s, (const char *const[]){"--not-enforcing", "--config", config, NULL}, be_a_service);
    launcher_path = path;
    close(passed);

    struct confine_request request = request_of(s, "nobody", "");
    int fd = becomes(s, &request, &c);
    assert_says(s->launcher, "status", "Uid:\t12345\t12345\t12345\t12345\n");
    assert_says(s->launcher, "status", "CapInh:\t0000000000000000\nCapPrm:\t00000000000000e0\n");
    assert_says(s->launcher, "status", "CapAmb:\t0000000000000000\n");
    assert_says(c.pid, "status", "Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534\n");
    assert_says(c.pid, "status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
    assert_int_equal(open_of(fd, "his").error, 0);
    assert_int_equal(open_of(fd, "theirs").error, EACCES);
    /* One who asks for nobody keeps the launcher's user, and none of its capabilities. */
    request = request_of(s, "", "");
    struct confined own;
    int other = becomes(s, &request, &own);
    assert_says(own.pid, "status", "Uid:\t12345\t12345\t12345\t12345\n");
    assert_says(own.pid, "status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
    assert_int_equal(open_of(other, "theirs").error, 0);
    assert_int_equal(open_of(other, "his").error, EACCES);
    assert_int_equal(kill(s->launcher, SIGKILL), 0);
    assert_true(gone_within_a_second(c.pid));
    assert_true(gone_within_a_second(own.pid));
    close(fd);
    close(other);
}

/* Without a file there is nobody who could have allowed it. */
static void is_nobody_else_as_a_child_of_the_jvm(void **state)
{
    struct stage *s = *state;
    struct confine_request request = request_of(s, "nobody", "");

    start(s);
    assert_refused(s, &request, "--config");
    request = request_of(s, "", "nogroup");
    assert_refused(s, &request, "--config");
    request = request_of(s, "", "");
    request.capabilities = "CAP_CHOWN";
    assert_refused(s, &request, "--config");
    stop(s);
}

static void does_not_outlive_the_launcher(void **state)
{
    struct stage *s = *state;
    struct confine_request request;
    struct confined c;

    needs_root();
    start_configured(s, "user=nobody");
    request = request_of(s, "nobody", "");
    int fd = becomes(s, &request, &c);
    assert_true(alive(c.pid));
    assert_int_equal(kill(s->launcher, SIGKILL), 0);
    assert_true(gone_within_a_second(c.pid));
    close(fd);
}

/* ---- starting ---- */

static void drop_setuid(const struct stage *s)
{
    (void)s;
    prctl(PR_CAPBSET_DROP, CAP_SETUID, 0, 0, 0);
}

static void assert_does_not_start(struct stage *s, const char *words, void (*prepare)(const struct stage *),
                                  bool child, int status, const char *said)
{
    configure(s, words);
    execute_as_service(s, prepare, child);
    int got = exit_status(s->launcher);
    s->launcher = got < 0 ? s->launcher : 0;
    assert_int_equal(got, status);
    expect_line(s->errors, said);
    assert_int_equal(access(s->socket, F_OK), -1);
    close(s->input);
    close(s->output);
    close(s->errors);
}

static void does_not_start_with_an_identity_that_it_must_not_or_cannot_give(void **state)
{
    struct stage *s = *state;

    needs_root();
    assert_does_not_start(s, "user=nobody", prepare_nothing, true, 78, "a child of the JVM");
    assert_does_not_start(s, "user=nobody,-", prepare_nothing, false, 78,
                          "launcher.conf:2: without user= a helper would be what the launcher is, root");
    assert_does_not_start(s, "", prepare_nothing, false, 78, "launcher.conf:2: without user=");
    assert_does_not_start(s, "user=root", prepare_nothing, false, 78,
                          "launcher.conf:2: [root]: expected another: nothing ever runs as root");
    assert_does_not_start(s, "user=daemon", prepare_nothing, false, 78,
                          "launcher.conf:2: [daemon]: expected a user id that is not below");
    assert_does_not_start(s, "user=no-such-user group=no-such-group", prepare_nothing, false, 78,
                          "[no-such-user]: expected a user that /etc/passwd lists");
    assert_does_not_start(s, "user=nobody", drop_setuid, false, 77, "needs CAP_SETUID");
}

/* ---- limits ---- */

static void has_limits_of_its_own_and_lower_ones_when_asked(void **state)
{
    struct stage *s = *state;
    struct confine_request request = request_of(s, "", "");
    struct confined c;

    start(s);
    int fd = becomes(s, &request, &c);
    assert_int_equal(c.measures & MEASURE_LIMITS, 0);
    assert_says(c.pid, "limits", "Max cpu time              3600                 3600 ");
    assert_says(c.pid, "limits", "Max file size             17179869184          17179869184 ");
    assert_says(c.pid, "limits", "Max open files            256                  256 ");
    if (!sanitized)
        assert_says(c.pid, "limits", "Max address space         268435456            268435456 ");
    close(fd);
    request.cpu_time = 7;
    request.file_size = 8192;
    request.open_files = 9;
    request.memory = (uint64_t)1 << (sanitized ? 46 : 26);
    fd = becomes(s, &request, &c);
    assert_int_equal(c.measures & MEASURE_LIMITS, MEASURE_LIMITS);
    assert_says(c.pid, "limits", "Max cpu time              7                    7 ");
    assert_says(c.pid, "limits", "Max file size             8192                 8192 ");
    assert_says(c.pid, "limits", "Max open files            9                    9 ");
    if (!sanitized)
        assert_says(c.pid, "limits", "Max address space         67108864             67108864 ");
    /* And they bite: what can be open at a time is no more than that. */
    int errors = 0;
    for (int i = 0; i < HANDLES_MAX; i++)
        errors += open_of(fd, "hello.txt").error == EMFILE;
    assert_in_range(errors, HANDLES_MAX - 9, HANDLES_MAX - 1);
    close(fd);
    request = request_of(s, "", "");
    request.cpu_time = 100000;
    request.open_files = 65535;
    fd = becomes(s, &request, &c);
    assert_says(c.pid, "limits", "Max cpu time              3600                 3600 ");
    assert_says(c.pid, "limits", "Max open files            256                  256 ");
    close(fd);
    stop(s);
}

int run_becoming(void);

int run_becoming(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(is_the_user_that_was_asked_for),
        STAGED(only_becomes_somebody_if_no_root_is_named),
        STAGED(has_the_group_and_the_capability_that_were_asked_for),
        STAGED(is_nobody_whom_its_file_does_not_allow),
        STAGED(runs_programs_as_that_user_too),
        STAGED(needs_not_be_root_itself),
        STAGED(is_nobody_else_as_a_child_of_the_jvm),
        STAGED(does_not_outlive_the_launcher),
        STAGED(does_not_start_with_an_identity_that_it_must_not_or_cannot_give),
        STAGED(has_limits_of_its_own_and_lower_ones_when_asked),
    };

    return cmocka_run_group_tests_name("becoming", tests, NULL, NULL);
}
