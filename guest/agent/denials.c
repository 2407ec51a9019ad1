// SPDX-License-Identifier: Apache-2.0
// Copies every AVC and SELINUX_ERR record of the kernel log to a file, those of userspace's own decisions too (systemd,
// D-Bus), and says whether one was lost.
//
// denials OUT: reads /dev/kmsg from its first record on. On SIGTERM it waits until the kernel has printed
// what it still holds, then exits: 0 = complete, 1 = records were lost, 2 = could not tell.

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

struct log {
	int kmsg;
	FILE *out;
	unsigned long long next; // sequence number that the next record must have
	bool lost;
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_denial(const char *text)
{
	if (starts_with(text, "audit: type=1400 ") || starts_with(text, "audit: type=1401 "))
		return true;
	// USER_AVC is also how a program says that it noticed a new policy.
	return (starts_with(text, "audit: type=1107 ") && strstr(text, "avc:  denied ") != NULL) ||
	       starts_with(text, "audit: type=1108 ");
}

static void take(struct log *log, char *record)
{
	// "priority,sequence,time,flags;text\n key=value..."
	char *text = strchr(record, ';');
	char *comma = strchr(record, ',');
	if (text == NULL || comma == NULL)
		return;
	text++;
	text[strcspn(text, "\n")] = '\0';

	unsigned long long sequence = strtoull(comma + 1, NULL, 10);
	if (sequence != log->next) {
		fprintf(log->out, "LOST: kernel log records %llu to %llu\n", log->next, sequence - 1);
		log->lost = true;
	}
	log->next = sequence + 1;

	if (is_denial(text))
		fprintf(log->out, "%s\n", text + strlen("audit: "));
	fflush(log->out);
}

// Returns 0 when there is no more for now, negative when the log cannot be read.
static int drain(struct log *log)
{
	char record[16384];

	for (;;) {
		ssize_t got = read(log->kmsg, record, sizeof(record) - 1);
		if (got >= 0) {
			record[got] = '\0';
			take(log, record);
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EPIPE && errno != EINTR) { // EPIPE: overrun, seen as a gap in the sequence
			return -errno;
		}
	}
}

// Asks the kernel how many audit records wait to be printed and how many it has thrown away.
static int ask(struct audit_status *status)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (fd < 0)
		return -errno;

	struct nlmsghdr request = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = AUDIT_GET, .nlmsg_flags = NLM_F_REQUEST};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	char reply[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *header = (struct nlmsghdr *)reply;
	int result = -EPROTO;

	if (sendto(fd, &request, sizeof(request), 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		result = -errno;
	} else {
		ssize_t got = recv(fd, reply, sizeof(reply), 0);
		if (got < 0) {
			result = -errno;
		} else if ((size_t)got >= NLMSG_HDRLEN && header->nlmsg_type == AUDIT_GET) {
			size_t size = (size_t)got - NLMSG_HDRLEN;
			memset(status, 0, sizeof(*status));
			memcpy(status, NLMSG_DATA(header), size < sizeof(*status) ? size : sizeof(*status));
			result = 0;
		} else if (header->nlmsg_type == NLMSG_ERROR && (size_t)got >= NLMSG_LENGTH(sizeof(int))) {
			memcpy(&result, NLMSG_DATA(header), sizeof(int));
		}
	}
	close(fd);
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;

	struct log log = {.kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), .out = fopen(argv[1], "we")};
	if (log.kmsg < 0 || log.out == NULL) {
		perror("denials");
		return 2;
	}

	struct sigaction action = {.sa_handler = stop};
	sigaction(SIGTERM, &action, NULL);

	while (!stopping) {
		if (drain(&log) < 0)
			return 2;
		struct pollfd readable = {.fd = log.kmsg, .events = POLLIN};
		poll(&readable, 1, 200); // a signal just before it costs at most this long
	}

	struct audit_status status;
	do {
		int result = ask(&status);
		if (result < 0) {
			fprintf(log.out, "LOST: unknown, the kernel's counter cannot be read: %s\n", strerror(-result));
			return 2;
		}
		usleep(50000); // a record just taken from the queue is printed meanwhile
		if (drain(&log) < 0)
			return 2;
	} while (status.backlog > 0);

	if (status.lost > 0) {
		fprintf(log.out, "LOST: %u audit records\n", status.lost);
		log.lost = true;
	}
	fflush(log.out);
	return log.lost || ferror(log.out) ? 1 : 0;
}
