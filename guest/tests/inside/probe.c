// SPDX-License-Identifier: Apache-2.0
// Tries, one after the other, what its arguments name, and prints what the kernel said to each.
//
// probe ACTION...   An action is a word and, after "=", its operand:
//   context            print the context of this process
//   become=CONTEXT     fork, go on in the child, which takes CONTEXT; its status is the parent's
//   thread=CONTEXT     start a thread, which takes CONTEXT and does the rest
//   current=CONTEXT    take CONTEXT
//   open=PATH write=PATH create=PATH unlink=PATH list=PATH stat=PATH access=PATH exec=PATH map=PATH mkdir=PATH rmdir=PATH
//   label=PATH         read its label
//   relabel=CONTEXT:PATH rename=PATH:PATH link=PATH:PATH
//   replace=PATH       as an upload does: a file beside it, locked, written, synced, given a mode and time, put in its place
//   no-new-privileges  set that flag
//   launch=PATH        run another probe, PATH, with "context"; it prints by itself
//   again=N:PATH       open PATH N times
//   socket=inet|unix   make a socket
//   tcp=PORT           connect to it on this machine
//   attribute=NAME     write this process's own context to /proc/thread-self/attr/NAME
//   ptrace=PID signal=PID kill=PID    attach to a process, send it a signal that it ignores, kill it; PID may be "parent"
//   wait               for somebody to kill it, ten minutes at most
//   wake               send the first thread a signal that it ignores
//   listen=PATH        print the labels of a socket listening on PATH and of one connection accepted there
//   activated          the same with the socket that systemd has passed
//   connect=PATH       connect to PATH, print the label of the other end and send a word
//   notify=TEXT        tell systemd TEXT
//   cgroup             in this service's own cgroup: move to a leaf, limit what is beside it, start a process there and kill
//                      it; print the label of where that was
//   decision=TEXT      record TEXT as a decision of userspace's own, as systemd and D-Bus do
// Each prints "ACTION: ok" or "ACTION: ERRNO-NAME". Only the first process prints: one in a helper's context may not
// write to whatever standard output is, so that the others leave their findings in memory which all of them share.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct findings {
	int exec_error;
	size_t used;
	char text[1 << 16];
} *findings;

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	size_t left = sizeof(findings->text) - findings->used;
	int length = vsnprintf(findings->text + findings->used, left, format, arguments);
	va_end(arguments);
	if (length > 0)
		findings->used += (size_t)length < left ? (size_t)length : left - 1;
}

static int result(long returned)
{
	return returned < 0 ? errno : 0;
}

static int attribute_write(const char *name, const char *value)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = result(write(fd, value, strlen(value)));
	close(fd);
	return error;
}

static int attribute_read(const char *name, char *value, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/thread-self/attr/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ssize_t got = read(fd, value, size - 1);
	int error = result(got);
	value[got > 0 ? got : 0] = '\0';
	close(fd);
	return error;
}

static int try_attribute(const char *name)
{
	char own[512];
	int error = attribute_read("current", own, sizeof(own));
	return error != 0 ? error : attribute_write(name, own);
}

static int show_context(void)
{
	char own[512];
	int error = attribute_read("current", own, sizeof(own));
	if (error == 0)
		note("context %s\n", own);
	return error;
}

static bool first = true;

static _Noreturn void finish(int status)
{
	if (first && fwrite(findings->text, 1, findings->used, stdout) != findings->used)
		status = 3;
	exit(status);
}

static int take(const char *context)
{
	char now[512];

	int error = attribute_write("current", context);
	if (error == 0)
		error = attribute_read("current", now, sizeof(now));
	if (error == 0 && strcmp(now, context) != 0)
		error = EPROTO;
	return error;
}

static int become(const char *context)
{
	pid_t child = fork();
	if (child < 0)
		return errno;
	if (child > 0) {
		int status;
		waitpid(child, &status, 0);
		finish(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	first = false;
	return take(context);
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_again(const char *operand)
{
	char *path;
	long times = strtol(operand, &path, 10);
	int error = EINVAL;
	for (long i = 0; i < times && *path == ':'; i++)
		error = try_open(path + 1, O_RDONLY);
	return error;
}

static int try_list(const char *path)
{
	DIR *folder = opendir(path);
	if (folder == NULL)
		return errno;
	errno = 0;
	int error = readdir(folder) == NULL ? errno : 0;
	closedir(folder);
	return error;
}

static int try_map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
	close(fd);
	return error;
}

// Calls one of the functions with two names in their order.
static int try_two(int (*call)(const char *, const char *), const char *operand)
{
	char from[512];
	const char *colon = strrchr(operand, ':');

	if (colon == NULL || (size_t)(colon - operand) >= sizeof(from))
		return EINVAL;
	memcpy(from, operand, (size_t)(colon - operand));
	from[colon - operand] = '\0';
	return result(call(from, colon + 1));
}

static int relabel(const char *context, const char *path)
{
	return setxattr(path, "security.selinux", context, strlen(context) + 1, 0);
}

static int try_label(const char *path)
{
	char label[512];
	return result(getxattr(path, "security.selinux", label, sizeof(label)));
}

static int try_replace(const char *path)
{
	char beside[512];

	snprintf(beside, sizeof(beside), "%s.new", path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int error = result(flock(fd, LOCK_EX | LOCK_NB));
	if (error == 0)
		error = result(write(fd, "new\n", 4));
	if (error == 0)
		error = result(fchmod(fd, 0644));
	if (error == 0)
		error = result(futimens(fd, NULL));
	if (error == 0)
		error = result(fsync(fd));
	close(fd);
	return error != 0 ? error : result(renameat2(AT_FDCWD, beside, AT_FDCWD, path, 0));
}

static int try_exec(const char *path, const char *argument)
{
	pid_t child = fork();
	if (child < 0)
		return errno;
	if (child == 0) {
		findings->exec_error = 0;
		execl(path, path, argument, (char *)NULL);
		findings->exec_error = errno;
		_exit(1);
	}
	waitpid(child, NULL, 0);
	return findings->exec_error;
}

static int show_label(const char *what, int fd)
{
	char label[512] = "";
	int error = result(fgetxattr(fd, "security.selinux", label, sizeof(label) - 1));
	if (error == 0)
		note("%s %s\n", what, label);
	return error;
}

static int show_peer(int fd)
{
	char peer[512] = "";
	socklen_t size = sizeof(peer) - 1;

	int error = result(getsockopt(fd, SOL_SOCKET, SO_PEERSEC, peer, &size));
	if (error == 0)
		note("peer %s\n", peer);
	return error;
}

static int serve(int listener)
{
	int error = show_label("listening", listener);
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0)
		return errno;
	if (error == 0)
		error = show_label("accepted", connection);
	if (error == 0)
		error = show_peer(connection);
	// What a helper will do with it: talk to the client from another domain.
	if (error == 0)
		error = become("system_u:system_r:unpriv_webapp_t:s0:c1");
	char word[8];
	if (error == 0)
		error = result(read(connection, word, sizeof(word)));
	if (error == 0)
		error = result(send(connection, "word", 4, MSG_NOSIGNAL));
	return error;
}

static int try_listen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 1) < 0)
		return errno;
	return serve(listener);
}

static int try_notify(const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");

	if (path == NULL)
		return EDESTADDRREQ;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int error = result(sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	return error;
}

static int write_at(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = result(write(fd, text, strlen(text)));
	close(fd);
	return error;
}

static int own_cgroup(void)
{
	char line[512] = "", path[600];
	FILE *file = fopen("/proc/self/cgroup", "re");
	if (file == NULL)
		return -1;
	char *got = fgets(line, sizeof(line), file);
	fclose(file);
	if (got == NULL || strncmp(line, "0::", 3) != 0)
		return -1;
	line[strcspn(line, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", line + 3);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int try_cgroup(void)
{
	int status = 0;
	int own = own_cgroup();
	if (own < 0 || mkdirat(own, "leaf", 0755) < 0)
		return errno;
	int error = write_at(own, "leaf/cgroup.procs", "0");
	if (error == 0)
		error = write_at(own, "cgroup.subtree_control", "+pids");
	if (error != 0 || mkdirat(own, "request", 0755) < 0)
		return error != 0 ? error : errno;
	error = write_at(own, "request/pids.max", "4");
	int request = openat(own, "request", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (error != 0 || request < 0)
		return error != 0 ? error : errno;
	error = show_label("cgroup", request);

	// The kernel asks whether the process may write these two. Of a file that nobody has looked up it does not know the
	// label, and asks for the file system's instead.
	int looked_up[] = {openat(own, "cgroup.procs", O_PATH | O_CLOEXEC), openat(request, "cgroup.procs", O_PATH | O_CLOEXEC)};
	struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned)request};
	pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (child < 0)
		return errno;
	if (child == 0) {
		pause();
		_exit(1);
	}
	if (error == 0)
		error = write_at(request, "cgroup.kill", "1");
	if (error != 0)
		kill(child, SIGTERM);
	waitpid(child, &status, 0);
	if (error == 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		error = EPROTO;
	close(looked_up[0]);
	close(looked_up[1]);
	close(request);
	if (error == 0)
		error = result(unlinkat(own, "request", AT_REMOVEDIR));
	close(own);
	return error;
}

static int try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char word[8];

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return errno;
	show_peer(fd);
	if (send(fd, "word", 4, MSG_NOSIGNAL) != 4)
		return errno;
	ssize_t got = read(fd, word, sizeof(word));
	return got == 4 ? 0 : got < 0 ? errno : EPROTO;
}

static int try_tcp(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	address.sin_port = htons((unsigned short)strtol(port, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int error = result(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	return error;
}

static int try_decision(const char *text)
{
	struct {
		struct nlmsghdr header;
		char text[512];
	} message = {.header = {.nlmsg_type = AUDIT_USER_AVC, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char request[sizeof(message)];
	} reply;

	int length = snprintf(message.text, sizeof(message.text), "%s", text);
	message.header.nlmsg_len = NLMSG_LENGTH((unsigned)length + 1);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (fd < 0)
		return errno;
	ssize_t sent = sendto(fd, &message, message.header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	ssize_t got = sent < 0 ? sent : recv(fd, &reply, sizeof(reply), 0);
	int error = result(got);
	close(fd);
	return error != 0 ? error : -reply.error.error;
}

static pid_t process(const char *operand)
{
	if (strcmp(operand, "parent") == 0)
		return getppid();
	int pid = atoi(operand);
	if (pid <= 1) // kill() would take it for many
		exit(2);
	return pid;
}

static int perform(const char *word, const char *operand)
{
	struct stat status;
	const int inet = AF_INET, local = AF_UNIX;

	if (strcmp(word, "context") == 0)
		return show_context();
	if (strcmp(word, "become") == 0)
		return become(operand);
	if (strcmp(word, "current") == 0)
		return take(operand);
	if (strcmp(word, "open") == 0)
		return try_open(operand, O_RDONLY);
	if (strcmp(word, "write") == 0)
		return try_open(operand, O_WRONLY);
	if (strcmp(word, "mkdir") == 0)
		return result(mkdir(operand, 0755));
	if (strcmp(word, "rmdir") == 0)
		return result(rmdir(operand));
	if (strcmp(word, "label") == 0)
		return try_label(operand);
	if (strcmp(word, "relabel") == 0)
		return try_two(relabel, operand);
	if (strcmp(word, "rename") == 0)
		return try_two(rename, operand);
	if (strcmp(word, "link") == 0)
		return try_two(link, operand);
	if (strcmp(word, "replace") == 0)
		return try_replace(operand);
	if (strcmp(word, "again") == 0)
		return try_again(operand);
	if (strcmp(word, "create") == 0)
		return try_open(operand, O_WRONLY | O_CREAT | O_EXCL);
	if (strcmp(word, "unlink") == 0)
		return result(unlink(operand));
	if (strcmp(word, "list") == 0)
		return try_list(operand);
	if (strcmp(word, "stat") == 0)
		return result(stat(operand, &status));
	if (strcmp(word, "access") == 0)
		return result(access(operand, R_OK));
	if (strcmp(word, "map") == 0)
		return try_map(operand);
	if (strcmp(word, "exec") == 0)
		return try_exec(operand, NULL);
	if (strcmp(word, "launch") == 0)
		return try_exec(operand, "context");
	if (strcmp(word, "no-new-privileges") == 0)
		return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (strcmp(word, "socket") == 0)
		return result(socket(strcmp(operand, "inet") == 0 ? inet : local, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (strcmp(word, "tcp") == 0)
		return try_tcp(operand);
	if (strcmp(word, "attribute") == 0)
		return try_attribute(operand);
	if (strcmp(word, "ptrace") == 0)
		return result(ptrace(PTRACE_ATTACH, process(operand), NULL, NULL));
	if (strcmp(word, "signal") == 0)
		return result(kill(process(operand), SIGURG));
	if (strcmp(word, "kill") == 0)
		return result(kill(process(operand), SIGKILL));
	if (strcmp(word, "wait") == 0)
		return (int)sleep(600);
	if (strcmp(word, "wake") == 0)
		return result(tgkill(getpid(), getpid(), SIGURG));
	if (strcmp(word, "listen") == 0)
		return try_listen(operand);
	if (strcmp(word, "activated") == 0)
		return serve(3);
	if (strcmp(word, "notify") == 0)
		return try_notify(operand);
	if (strcmp(word, "cgroup") == 0)
		return try_cgroup();
	if (strcmp(word, "connect") == 0)
		return try_connect(operand);
	if (strcmp(word, "decision") == 0)
		return try_decision(operand);
	fprintf(stderr, "probe: unknown action \"%s\"\n", word);
	exit(2);
}

static void *perform_all(void *actions);

// The action becomes one that takes the context where it runs: the thread.
static int perform_in_thread(const char *context, char **action)
{
	pthread_t thread;
	static char current[512];

	snprintf(current, sizeof(current), "current=%s", context);
	*action = current;
	int error = pthread_create(&thread, NULL, perform_all, action);
	return error != 0 ? error : pthread_join(thread, NULL);
}

// Performs the actions up to the end.
static void *perform_all(void *actions)
{
	for (char **action = actions; *action != NULL; action++) {
		char word[32] = "";
		const char *equals = strchr(*action, '=');
		size_t length = equals != NULL ? (size_t)(equals - *action) : strlen(*action);
		if (length >= sizeof(word))
			exit(2);
		memcpy(word, *action, length);
		const char *operand = equals != NULL ? equals + 1 : "";
		bool other = strcmp(word, "thread") == 0;
		int error = other ? perform_in_thread(operand, action) : perform(word, operand);
		if (other && error == 0)
			break;
		note("%s: %s\n", *action, error == 0 ? "ok" : strerrorname_np(error));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	(void)argc;
	findings = mmap(NULL, sizeof(*findings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (findings == MAP_FAILED)
		return 3;
	perform_all(argv + 1);
	finish(0);
}
