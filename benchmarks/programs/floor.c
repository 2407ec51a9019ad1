/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a server does which starts a program for each request: nothing is looked at, nothing is
 * confined, and the program's parent is the server. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 8, ANSWER_MAX = 4096 };

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";

/* False when the client has gone before the end of its header. */
static bool take_request(int connection)
{
    char octets[ANSWER_MAX];
    size_t used = 0;

    for (;;) {
        ssize_t n = read(connection, octets + used, sizeof octets - used);
        if (n <= 0)
            return false;
        used += (size_t)n;
        if (used >= 4 && memcmp(octets + used - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
}

static pid_t start(const char *program, int output)
{
    pid_t pid = vfork();

    if (pid == 0) {
        dup2(output, 1);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Behind the program's own header, to the end of what it says. */
static void answer(int connection, const char *program)
{
    char octets[sizeof head + ANSWER_MAX];
    size_t used = 0;
    ssize_t n;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        exit(1);
    pid_t pid = start(program, fds[1]);
    close(fds[1]);
    while ((n = read(fds[0], octets + used, sizeof octets - 1 - used)) > 0)
        used += (size_t)n;
    close(fds[0]);
    octets[used] = '\0';
    const char *body = strstr(octets, "\n\n");
    if (waitpid(pid, NULL, 0) != pid || body == NULL)
        exit(1);
    size_t size = used - (size_t)(body + 2 - octets);
    memmove(octets + sizeof head - 1, body + 2, size);
    memcpy(octets, head, sizeof head - 1);
    if (write(connection, octets, sizeof head - 1 + size) < 0)
        perror("floor");
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;

    if (argc != 3) {
        fprintf(stderr, "usage: floor PORT PROGRAM\n");
        return 64;
    }
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) {
        perror("floor");
        return 1;
    }
    for (int i = 1; i < WORKERS; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            break;
        }
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0 && take_request(connection))
            answer(connection, argv[2]);
        if (connection >= 0)
            close(connection);
    }
}
