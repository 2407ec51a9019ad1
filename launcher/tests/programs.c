/* SPDX-License-Identifier: Apache-2.0 */
/* What a program gets, what it is kept from, and what becomes of it and its descendants. */
#include "programs.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol.h"

#define NO_VARIABLES ((const char *const[]){NULL})

/* ---- finding ---- */

static void finds_a_program_on_the_way(void **state)
{
    struct stage *s = *state;
    char path[256];
    char target[256];
    unsigned length;

    start_programs(s);
    snprintf(path, sizeof path, "%s/WEB-INF", s->root);
    assert_int_equal(mkdir(path, 0711), 0);
    strcat(path, "/cgi");
    assert_int_equal(mkdir(path, 0711), 0);
    write_program(s, "WEB-INF/cgi/hello", "#!/bin/sh\n");
    snprintf(target, sizeof target, "%s/WEB-INF/cgi/link", s->root);
    assert_int_equal(symlink("hello", target), 0);
    snprintf(target, sizeof target, "%s/WEB-INF/cgi/pipe", s->root);
    assert_int_equal(mkfifo(target, 0755), 0);

    int fd = ready(s, 0, NULL);
    assert_int_equal(find(fd, "WEB-INF/cgi", "hello", &length), 0);
    assert_int_equal(length, 5);
    assert_int_equal(find(fd, "WEB-INF/cgi", "hello/a//b/../", &length), 0);
    assert_int_equal(length, 5);
    assert_int_equal(find(fd, "", "WEB-INF/cgi/hello/", &length), 0);
    assert_int_equal(length, 17);
    static const char *const nothing[] = {"",        "hell",   "hello2", "../cgi/hello",
                                          "./hello", "/hello", "link",   "pipe"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        assert_int_equal(find(fd, "WEB-INF/cgi", nothing[i], &length), ENOENT);
        assert_int_equal(length, 0);
    }
    assert_int_equal(find(fd, "", "WEB-INF/cgi", &length), ENOENT);
    assert_int_equal(find(fd, "..", "root/hello.txt", &length), ENOENT);
    assert_int_equal(find(fd, "WEB-INF/cgi/hello", "x", &length), ENOENT);
    char segment[512];
    memset(segment, 'x', 300);
    segment[300] = '\0';
    assert_int_equal(find(fd, "", segment, &length), ENOENT);
    close(fd);
    stop(s);
}

/* ---- what it gets ---- */

static void runs_with_nothing_but_what_it_is_given(void **state)
{
    struct stage *s = *state;
    static const char *const variables[] = {"A=1", "B=two words", NULL};
    static const char *const arguments[] = {"one", "", "three", NULL};
    const struct run_request request = {.arguments = arguments, .variables = variables};
    char expected[512];
    unsigned length;
    pid_t pid;

    setenv("SECRET_OF_THE_LAUNCHER", "1", 1);
    signal(SIGUSR1, SIG_IGN);
    start_programs(s);
    signal(SIGUSR1, SIG_DFL);
    unsetenv("SECRET_OF_THE_LAUNCHER");
    write_program(s, "show",
                  "#!/bin/sh\n"
                  "echo \"$0 $# [$1] [$2] [$3]\"\n"
                  "tr '\\0' '\\n' </proc/$$/environ\n"
                  "for fd in /proc/$$/fd/*; do printf '%s ' \"${fd##*/}\"; done\n"
                  "echo; /bin/pwd; umask\n"
                  "while read -r name value; do case $name in SigBlk:|SigIgn:|CapBnd:|CapEff:|NoNewPrivs:)\n"
                  "printf '%s\\t%s\\n' $name $value ;; esac done </proc/$$/status\n"
                  "/usr/bin/cut -d' ' -f6 /proc/$$/stat; echo $$\n");
    int fd = ready(s, 0, NULL);
    assert_int_equal(find(fd, "", "show/info", &length), 0);
    assert_int_equal(run(fd, &request, &pid), 0);
    listen_to_end(fd);
    assert_int_equal(outcome.killed, 0);
    assert_int_equal(outcome.status, 0);
    /* The shell has its script open, as 10, and as 3 the folder that it looks through. It does all of that
     * itself: for a child it would open more, and block signals. */
    snprintf(expected, sizeof expected,
             "%s/show 3 [one] [] [three]\nA=1\nB=two words\n0 1 10 2 3 \n%s\n0022\n"
             "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nCapEff:\t0000000000000000\n"
             "CapBnd:\t0000000000000000\nNoNewPrivs:\t1\n%d\n%d\n",
             s->root, s->root, pid, pid);
    assert_string_equal(outcome.output, expected);
    assert_string_equal(outcome.errors, "");
    close(fd);
    stop(s);
}

static void runs_an_interpreter_with_its_arguments(void **state)
{
    struct stage *s = *state;
    static const char *const first[] = {"-e", NULL};
    static const char *const names[] = {"sh", "/bin/sh"};
    char expected[256];
    unsigned length;
    pid_t pid;

    start_programs(s);
    write_file(s->root, "script", "echo $- $0 $1", 13);
    for (int i = 0; i < 2; i++) {
        const struct run_request request = {.interpreter = names[i],
                                            .interpreter_arguments = first,
                                            .arguments = (const char *const[]){"x", NULL}};
        int fd = ready(s, 0, NULL);
        assert_int_equal(find(fd, "", "script", &length), 0);
        assert_int_equal(run(fd, &request, &pid), 0);
        listen_to_end(fd);
        snprintf(expected, sizeof expected, "e %s/script x\n", s->root);
        assert_string_equal(outcome.output, expected);
        close(fd);
    }
    stop(s);
}

static int run_fails(const struct stage *s, const char *name, const char *interpreter)
{
    const struct run_request request = {.interpreter = interpreter};
    unsigned length;
    pid_t pid = 0;
    int fd = ready(s, 0, NULL);

    if (name != NULL)
        assert_int_equal(find(fd, "", name, &length), 0);
    int error = run(fd, &request, &pid);
    assert_int_equal(pid, 0);
    assert_closed(fd);
    return error;
}

static void says_why_a_program_does_not_start(void **state)
{
    struct stage *s = *state;
    char path[256];

    start_programs(s);
    assert_int_equal(run_fails(s, NULL, NULL), ENOENT);
    assert_int_equal(run_fails(s, "hello.txt", NULL), EACCES);
    assert_int_equal(run_fails(s, "hello.txt", "no-such-interpreter"), ENOENT);
    assert_int_equal(run_fails(s, "hello.txt", "/no/such/interpreter"), ENOENT);
    assert_int_equal(run_fails(s, "hello.txt", "../bin/sh"), ENOENT);
    write_program(s, "empty", "no magic\n");
    assert_int_equal(run_fails(s, "empty", NULL), ENOEXEC);
    write_program(s, "unreadable", "#!/bin/sh\n");
    snprintf(path, sizeof path, "%s/unreadable", s->root);
    assert_int_equal(chmod(path, 0), 0);
    assert_int_equal(run_fails(s, "unreadable", "sh"), EACCES);
    assert_int_equal(run_fails(s, "unreadable", NULL), EACCES);
    stop(s);
}

/* Where the kernel has no SELinux there is no other domain; where it has, see guest_programs.sh. */
static void runs_nothing_that_would_stay_in_its_domain(void **state)
{
    struct stage *s = *state;
    const struct run_request elsewhere = {.flags = RUN_ELSEWHERE};
    char mark[256];
    char text[512];
    unsigned length;
    pid_t pid;

    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        skip();
    start_programs(s);
    snprintf(mark, sizeof mark, "%s/mark", s->root);
    snprintf(text, sizeof text, "#!/bin/sh\n: >%s\n", mark);
    write_program(s, "marks", text);
    int fd = ready(s, 0, NULL);
    assert_int_equal(find(fd, "", "marks", &length), 0);
    assert_int_equal(run(fd, &elsewhere, &pid), ENOTSUP);
    assert_string_equal(outcome.why, "the kernel has no SELinux");
    assert_closed(fd);
    assert_int_equal(access(mark, F_OK), -1);
    fd = ready(s, 0, NULL);
    run_program(fd, "marks");
    listen_to_end(fd);
    assert_int_equal(access(mark, F_OK), 0);
    stop(s);
}

static void says_how_it_ended(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "seven", "#!/bin/sh\necho no >&2; exit 7\n");
    write_program(s, "killed", "#!/bin/sh\nkill -SEGV $$\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "seven");
    listen_to_end(fd);
    assert_int_equal(outcome.killed, 0);
    assert_int_equal(outcome.status, 7);
    assert_string_equal(outcome.errors, "no\n");
    assert_false(outcome.output_ended);
    assert_closed(fd);
    fd = ready(s, 0, NULL);
    run_program(fd, "killed");
    listen_to_end(fd);
    assert_int_equal(outcome.killed, 1);
    assert_int_equal(outcome.status, SIGSEGV);
    assert_int_equal(outcome.limit, LIMIT_NONE);
    assert_closed(fd);
    stop(s);
}

/* ---- what ends it ---- */

/* Three generations, one of them a daemon that ignores what it can; their pids are said. */
static const char family[] =
    "#!/bin/bash\n"
    "trap '' TERM HUP INT\n"
    "(trap '' TERM; setsid bash -c 'echo pid $$; exec sleep 1000' >/proc/$$/fd/1 &)\n"
    "(setsid bash -c 'echo pid $BASHPID; (sleep 1000 </dev/null >/dev/null 2>&1 & echo pid "
    "$!); sleep 1000' &)\n"
    "sleep 1000 & echo pid $!\n"
    "while read -r line; do :; done\n"
    "sleep 1000\n";

enum { FAMILY = 4 };

static size_t family_pids(int fd, pid_t pids[static FAMILY + 1], pid_t first)
{
    size_t n = 0;

    while (n < FAMILY) {
        assert_int_equal(listen_once(fd), REPLY_STDOUT);
        n = 0;
        for (const char *at = outcome.output; (at = strstr(at, "pid ")) != NULL && strchr(at, '\n') != NULL;
             at++)
            pids[n++] = atoi(at + 4);
    }
    pids[n++] = first;
    for (size_t i = 0; i < n; i++)
        assert_true(alive(pids[i]));
    return n;
}

static void assert_all_gone(const pid_t *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(gone_within_a_second(pids[i]));
}

static void dies_with_all_its_descendants_when_the_client_goes_away(void **state)
{
    struct stage *s = *state;
    pid_t pids[FAMILY + 1];

    start_programs(s);
    write_program(s, "family", family);
    int fd = ready(s, 0, NULL);
    size_t n = family_pids(fd, pids, run_program(fd, "family"));
    close(fd);
    assert_all_gone(pids, n);
    stop(s);
}

/* The relay may have been quick enough to say how its program ended. */
static void assert_closed_at_last(int fd)
{
    char octets[512];
    ssize_t n;

    while ((n = recv(fd, octets, sizeof octets, 0)) > 0)
        ;
    assert_true(n == 0 || errno == ECONNRESET);
    close(fd);
}

static void dies_with_all_its_descendants_when_the_launcher_goes_away(void **state)
{
    struct stage *s = *state;
    pid_t pids[FAMILY + 1];

    write_program(s, "family", family);
    for (int killed = 0; killed < 2; killed++) {
        start_programs(s);
        int fd = ready(s, 0, NULL);
        size_t n = family_pids(fd, pids, run_program(fd, "family"));
        if (killed) {
            kill(s->launcher, SIGKILL);
            assert_int_equal(exit_status(s->launcher), 1000 + SIGKILL);
            s->launcher = 0;
        } else {
            stop(s);
        }
        assert_all_gone(pids, n);
        assert_closed_at_last(fd);
    }
}

/* The program's own user may stop or kill its relay, where no policy keeps it from that. */
static void dies_when_its_relay_is_stopped_or_killed(void **state)
{
    static const int signals[] = {SIGSTOP, SIGKILL};
    struct stage *s = *state;
    pid_t pids[FAMILY + 1];
    struct confined c;

    start_programs(s);
    write_program(s, "family", family);
    for (int i = 0; i < 2; i++) {
        int fd = ready(s, 0, &c);
        size_t n = family_pids(fd, pids, run_program(fd, "family"));
        assert_int_equal(kill(c.pid, signals[i]), 0);
        if (signals[i] == SIGSTOP)
            close(fd);
        assert_all_gone(pids, n);
        assert_true(gone_within_a_second(c.pid));
        if (signals[i] == SIGKILL)
            assert_closed(fd);
    }
    expect_line(s->errors, "crashed: signal 9");
    stop(s);
}

/* Whoever makes relays crash does not get the log to himself: supervisors have one ration together. */
static void crashes_of_relays_do_not_fill_the_log(void **state)
{
    enum { CRASHES = 40 };
    struct stage *s = *state;
    struct confined c;
    char line[512];
    int lines = 0;

    start_programs(s);
    for (int i = 0; i < CRASHES; i++) {
        int fd = ready(s, 0, &c);
        assert_int_equal(kill(c.pid, SIGSEGV), 0);
        assert_closed(fd);
    }
    /* Deaths are counted as crashes, whoever saw them. */
    for (int i = 0; i < 300; i++) {
        assert_int_equal(kill(s->launcher, SIGUSR1), 0);
        while (read_line(s->errors, line, sizeof line) && strstr(line, " helpers wait, ") == NULL)
            lines += strstr(line, " crashed: signal 11") != NULL ? 1 : 0;
        if (strstr(line, " 40 crashed, ") != NULL)
            break;
        pause_ms(50);
    }
    assert_non_null(strstr(line, " 40 crashed, "));
    assert_in_range(lines, 5, CRASHES / 2);
    stop(s);
}

static void dies_at_its_deadline(void **state)
{
    struct stage *s = *state;
    pid_t pids[FAMILY + 1];

    start_programs(s);
    write_program(s, "family", family);
    double before = now();
    int fd = ready(s, 5000, NULL);
    size_t n = family_pids(fd, pids, run_program(fd, "family"));
    listen_to_end(fd);
    assert_true(now() - before >= 4.9);
    assert_int_equal(outcome.limit, LIMIT_TIME);
    assert_closed(fd);
    assert_all_gone(pids, n);
    stop(s);
}

/* A client that reads nothing keeps nobody alive past the deadline. */
static void dies_at_its_deadline_though_nobody_reads(void **state)
{
    struct stage *s = *state;
    struct confined c;

    start_programs(s);
    write_program(s, "yes", "#!/bin/sh\nexec yes\n");
    int fd = ready(s, 5000, &c);
    pid_t pid = run_program(fd, "yes");
    for (int i = 0; i < 100 && alive(pid); i++)
        pause_ms(100);
    assert_false(alive(pid));
    for (int i = 0; i < 100 && alive(c.pid); i++)
        pause_ms(100);
    assert_false(alive(c.pid));
    close(fd);
    stop(s);
}

/* However it breaks off, nobody must see an end of the input that nobody has said: not the program, and not
 * what it has started in another group, which is harder to find. */
static void nobody_takes_half_an_input_for_the_whole(void **state)
{
    struct stage *s = *state;
    char path[256];
    struct confined c;

    start_programs(s);
    write_program(s, "reads",
                  "#!/bin/bash\nexec 3<&0\n"
                  "setsid bash -c 'echo pid $$; cat <&3 >/dev/null; touch ../done' &\n"
                  "wait\n");
    snprintf(path, sizeof path, "%s/done", s->folder);
    for (int i = 0; i < 30; i++) {
        int fd = ready(s, 0, &c);
        pid_t pid = run_program(fd, "reads");
        listen_for(fd, "pid ");
        while (strchr(strstr(outcome.output, "pid "), '\n') == NULL)
            listen_once(fd);
        pid_t reader = atoi(strstr(outcome.output, "pid ") + 4);
        give(fd, "half");
        if (i % 3 == 0)
            assert_int_equal(kill(c.pid, SIGSTOP), 0);
        if (i % 3 == 1)
            assert_int_equal(client_send(fd, REQUEST_FIND, NULL, 0), 0);
        close(fd);
        assert_true(gone_within_a_second(reader));
        assert_true(gone_within_a_second(pid));
        assert_true(gone_within_a_second(c.pid));
    }
    assert_int_equal(access(path, F_OK), -1);
    /* And so that this can fail: an end that was said is seen. */
    int fd = ready(s, 0, &c);
    run_program(fd, "reads");
    give(fd, "whole");
    give_end(fd);
    listen_to_end(fd);
    close(fd);
    assert_int_equal(access(path, F_OK), 0);
    stop(s);
}

static void a_lingering_child_does_not_keep_the_answer_open(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "linger", "#!/bin/sh\nsleep 1000 & echo pid $!\n");
    write_program(s, "noisy", "#!/bin/sh\nyes & echo pid $! >&2\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "linger");
    listen_to_end(fd);
    assert_int_equal(outcome.status, 0);
    pid_t child = atoi(strstr(outcome.output, "pid ") + 4);
    assert_closed(fd);
    assert_false(alive(child));
    fd = ready(s, 0, NULL);
    run_program(fd, "noisy");
    listen_to_end(fd);
    child = atoi(strstr(outcome.errors, "pid ") + 4);
    assert_closed(fd);
    assert_false(alive(child));
    stop(s);
}

static void ends_the_output_when_the_program_closes_it(void **state)
{
    struct stage *s = *state;

    start_programs(s);
    write_program(s, "early", "#!/bin/sh\necho done; exec >&-; read -r line; echo $line >&2; exit 3\n");
    int fd = ready(s, 0, NULL);
    run_program(fd, "early");
    while (!outcome.output_ended)
        assert_int_equal(listen_once(fd), REPLY_STDOUT);
    assert_string_equal(outcome.output, "done\n");
    give(fd, "still here\n");
    listen_to_end(fd);
    assert_int_equal(outcome.status, 3);
    assert_string_equal(outcome.errors, "still here\n");
    close(fd);
    stop(s);
}

/* ---- what ends the helper ---- */

static void ends_at_a_frame_out_of_turn(void **state)
{
    struct stage *s = *state;
    static const uint16_t before[] = {REQUEST_CONFINE, REQUEST_STAT,      REQUEST_OPEN,
                                      REQUEST_STDIN,   REQUEST_STDIN_END, 36};
    static const uint16_t after[] = {REQUEST_CONFINE, REQUEST_FIND, REQUEST_RUN, REQUEST_READ, 36};

    start_programs(s);
    write_program(s, "wait", "#!/bin/sh\nread -r line\n");
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        int fd = ready(s, 0, NULL);
        assert_int_equal(client_send(fd, before[i], "\0", 2), 0);
        assert_closed(fd);
    }
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        int fd = ready(s, 0, NULL);
        pid_t pid = run_program(fd, "wait");
        assert_int_equal(client_send(fd, after[i], "\0", 2), 0);
        assert_closed(fd);
        assert_false(alive(pid));
    }
    static const uint8_t malformed[][14] = {
        {0}, {0, 2}, {0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 'x'}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
    unsigned length;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        int fd = ready(s, 0, NULL);
        assert_int_equal(find(fd, "", "wait", &length), 0);
        assert_int_equal(client_send(fd, REQUEST_RUN, malformed[i], sizeof malformed[i]), 0);
        assert_closed(fd);
    }
    /* Well formed, but for a flag that is none. */
    static const uint8_t flagged[12] = {0, 0, 0, 2};
    int fd = ready(s, 0, NULL);
    assert_int_equal(find(fd, "", "wait", &length), 0);
    assert_int_equal(client_send(fd, REQUEST_RUN, flagged, sizeof flagged), 0);
    assert_closed(fd);
    stop(s);
}

static void runs_programs_out_of_one_folder_only(void **state)
{
    struct stage *s = *state;
    struct confined c;

    start_programs(s);
    for (int i = 0; i < 2; i++) {
        struct confine_request request = client_request("u:r:t:s0", s->root);
        request.way = PROTOCOL_WAY_PROGRAMS;
        if (i == 0)
            request.mount = "/a";
        else
            request.flags |= PROTOCOL_ROOT_ARCHIVE;
        int fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
        assert_closed(fd);
    }
    stop(s);
}

static void each_launcher_has_its_way(void **state)
{
    struct stage *s = *state;
    struct confine_request request = client_request("u:r:t:s0", s->root);
    struct confined c;

    start_programs(s);
    int fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
    assert_closed(fd);
    stop(s);
    start(s);
    request.way = PROTOCOL_WAY_PROGRAMS;
    fd = confined_as(s, &request, &c, FAILED_NOT_ALLOWED);
    assert_closed(fd);
    stop(s);
}

/* Each has a relay, which has nobody. Returns how many they are, or 0. */
static size_t those_that_wait(pid_t launcher, pid_t supervisors[static 64])
{
    pid_t relays[2];
    pid_t nobody;

    size_t count = children_of(launcher, supervisors, 64);
    for (size_t i = 0; i < count; i++)
        if (children_of(supervisors[i], relays, 2) != 1 || children_of(relays[0], &nobody, 1) != 0)
            return 0;
    return count;
}

static size_t await_only_those_that_wait(pid_t launcher, pid_t supervisors[static 64])
{
    size_t count;

    for (int i = 0; i < 600 && (count = those_that_wait(launcher, supervisors)) < 8; i++)
        pause_ms(50);
    return count;
}

static size_t still_there(const pid_t *before, size_t count, const pid_t *now, size_t now_count)
{
    size_t still = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < now_count; j++)
            still += before[i] == now[j] ? 1 : 0;
    return still;
}

static size_t descriptors_of(pid_t pid)
{
    char path[64];
    size_t count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    assert_non_null(d);
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

/* How many supervisors the launcher has forked when it knows of so many clients that were served. */
static unsigned forked_for(const struct stage *s, unsigned clients)
{
    char line[512];
    unsigned forked = 0;
    unsigned served = 0;

    for (int i = 0; i < 600 && served != clients; i++) {
        assert_int_equal(kill(s->launcher, SIGUSR1), 0);
        const char *from = read_line(s->errors, line, sizeof line) ? strstr(line, " at work; of ") : NULL;
        if (from != NULL)
            sscanf(from, " at work; of %u forked: %u served,", &forked, &served);
        if (served != clients)
            pause_ms(50);
    }
    assert_int_equal(served, clients);
    return forked;
}

static void say_hello(const struct stage *s)
{
    int fd = ready(s, 0, NULL);

    run_program(fd, "hello");
    listen_to_end(fd);
    assert_string_equal(outcome.output, "hello\n");
    assert_closed(fd);
}

/* Closed is not enough where others could be left. Who has served in order waits again, with no descriptor
 * more than before. */
static void leaves_nobody_behind(void **state)
{
    enum { REQUESTS = 60 };
    struct stage *s = *state;
    pid_t supervisors[64];
    pid_t first[64];
    size_t descriptors = 0;

    start_programs(s);
    write_program(s, "hello", "#!/bin/sh\necho hello\n");
    assert_int_equal(await_only_those_that_wait(s->launcher, first), 8);
    for (size_t i = 0; i < 8; i++)
        descriptors = descriptors_of(first[i]) > descriptors ? descriptors_of(first[i]) : descriptors;
    for (int i = 0; i < REQUESTS; i++)
        say_hello(s);
    size_t count = await_only_those_that_wait(s->launcher, supervisors);
    assert_in_range(count, 8, 16);
    for (size_t i = 0; i < count; i++)
        assert_in_range(descriptors_of(supervisors[i]), 1, descriptors);
    assert_int_equal(still_there(first, 8, supervisors, count), 8);
    assert_in_range(forked_for(s, REQUESTS), 8, 16);
    stop(s);
}

/* Whoever had to kill, or whose relay has not ended in order, serves nobody else. */
static void serves_no_other_behind_one_that_left_something(void **state)
{
    struct stage *s = *state;
    pid_t supervisors[64];
    pid_t first[64];

    start_programs(s);
    write_program(s, "leaves", "#!/bin/sh\nsetsid sleep 1000 >/dev/null 2>&1 </dev/null &\necho left\n");
    assert_int_equal(await_only_those_that_wait(s->launcher, first), 8);
    for (int i = 0; i < 4; i++) {
        int fd = ready(s, 0, NULL);
        run_program(fd, "leaves");
        listen_to_end(fd);
        assert_string_equal(outcome.output, "left\n");
        assert_closed(fd);
    }
    size_t count = await_only_those_that_wait(s->launcher, supervisors);
    assert_in_range(count, 8, 16);
    assert_int_equal(still_there(first, 8, supervisors, count), 4);
    stop(s);
}

/* What was forked for a crowd ends with it, at the latest with as many requests. */
static void ends_those_that_a_crowd_needed(void **state)
{
    enum { CROWD = 40 };
    struct stage *s = *state;
    pid_t supervisors[64];
    int fds[CROWD];

    start_programs(s);
    write_program(s, "hello", "#!/bin/sh\necho hello\n");
    write_program(s, "reads", "#!/bin/sh\nexec cat\n");
    for (int i = 0; i < CROWD; i++) {
        fds[i] = ready(s, 0, NULL);
        run_program(fds[i], "reads");
    }
    for (int i = 0; i < CROWD; i++) {
        give_end(fds[i]);
        listen_to_end(fds[i]);
        assert_closed(fds[i]);
    }
    for (int i = 0; i < CROWD; i++)
        say_hello(s);
    assert_in_range(await_only_those_that_wait(s->launcher, supervisors), 8, 24);
    stop(s);
}

int run_programs(void);
int run_programs(void)
{
    static const struct CMUnitTest tests[] = {
        STAGED(finds_a_program_on_the_way),
        STAGED(runs_with_nothing_but_what_it_is_given),
        STAGED(runs_an_interpreter_with_its_arguments),
        STAGED(says_why_a_program_does_not_start),
        STAGED(runs_nothing_that_would_stay_in_its_domain),
        STAGED(says_how_it_ended),
        STAGED(dies_with_all_its_descendants_when_the_client_goes_away),
        STAGED(dies_with_all_its_descendants_when_the_launcher_goes_away),
        STAGED(dies_when_its_relay_is_stopped_or_killed),
        STAGED(crashes_of_relays_do_not_fill_the_log),
        STAGED(dies_at_its_deadline),
        STAGED(dies_at_its_deadline_though_nobody_reads),
        STAGED(nobody_takes_half_an_input_for_the_whole),
        STAGED(a_lingering_child_does_not_keep_the_answer_open),
        STAGED(ends_the_output_when_the_program_closes_it),
        STAGED(ends_at_a_frame_out_of_turn),
        STAGED(runs_programs_out_of_one_folder_only),
        STAGED(each_launcher_has_its_way),
        STAGED(leaves_nobody_behind),
        STAGED(serves_no_other_behind_one_that_left_something),
        STAGED(ends_those_that_a_crowd_needed),
    };

    return cmocka_run_group_tests_name("programs", tests, NULL, NULL);
}
