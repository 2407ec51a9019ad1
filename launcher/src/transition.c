/* SPDX-License-Identifier: Apache-2.0 */
/* Where an exec will lead: asked of the kernel beforehand, since afterwards the program runs. */
#include "transition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "context.h"
#include "format.h"

#define SELINUXFS "/sys/fs/selinux/"

/* One question to the kernel, one answer, terminated. Returns 0 or a negative errno. */
static int ask(const char *name, const char *question, char *answer, size_t size)
{
    char path[128];

    format(path, sizeof path, SELINUXFS "%s", name);
    int fd = open(path, (question == NULL ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    ssize_t n = question == NULL ? 0 : write(fd, question, strlen(question));
    if (n >= 0)
        n = read(fd, answer, size - 1);
    int error = n < 0 ? errno : 0;
    close(fd);
    if (n == 0)
        return -EPROTO;
    if (n > 0)
        answer[n] = '\0';
    return -error;
}

/* A number that the kernel has written down: of a class, or of one of its permissions. */
static int number_of(const char *name, unsigned long *number)
{
    char text[32];
    char *end;

    int r = ask(name, NULL, text, sizeof text);
    if (r < 0)
        return r;
    *number = strtoul(text, &end, 10);
    return end == text || *number == 0 ? -EPROTO : 0;
}

/* The domain that the policy names for this exec. */
static int next_context(const char *own, const char *label, char next[static CONTEXT_SIZE])
{
    char question[2 * CONTEXT_SIZE + 32];
    unsigned long class;

    int r = number_of("class/process/index", &class);
    if (r < 0)
        return r;
    format(question, sizeof question, "%s %s %u", own, label, (unsigned)class);
    return ask("create", question, next, CONTEXT_SIZE);
}

/* Whether `own` has this permission of the class process2 to `next`. */
static int allowed(const char *own, const char *next, const char *permission)
{
    char question[2 * CONTEXT_SIZE + 32];
    char answer[128];
    char name[64];
    unsigned long class;
    unsigned long bit;

    format(name, sizeof name, "class/process2/perms/%s", permission);
    int r = number_of("class/process2/index", &class);
    if (r < 0)
        return r;
    r = number_of(name, &bit);
    if (r < 0)
        return r;
    format(question, sizeof question, "%s %s %u", own, next, (unsigned)class);
    r = ask("access", question, answer, sizeof answer);
    if (r < 0)
        return r;
    return bit <= 32 && (strtoul(answer, NULL, 16) >> (bit - 1) & 1) != 0;
}

static bool same_type(const char *a, const char *b)
{
    const char *from = a + context_type_at(a, strlen(a));
    const char *to = b + context_type_at(b, strlen(b));
    size_t width = strcspn(from, ":");

    return width == strcspn(to, ":") && memcmp(from, to, width) == 0;
}

static bool unknown(const char *what, const char *of, int error, char *why, size_t size)
{
    format(why, size, "%s of %s cannot be told: %s", what, of, strerror(error));
    return false;
}

/* What this process cannot do without: it has no-new-privileges, and the file system may say nosuid. */
static bool permitted(const char *own, const char *next, const char *permission, char *why, size_t size)
{
    int r = allowed(own, next, permission);

    if (r < 0)
        return unknown("permission", next, -r, why, size);
    if (r == 0)
        format(why, size, "the policy has no %s of the class process2 from %s to %s", permission, own, next);
    return r != 0;
}

bool transition_certain(const char *own, const char *file, char *why, size_t size)
{
    char label[CONTEXT_SIZE];
    char next[CONTEXT_SIZE];
    struct statvfs fs;

    if (own[0] == '\0') {
        format(why, size, "the kernel has no SELinux");
        return false;
    }
    ssize_t n = getxattr(file, "security.selinux", label, sizeof label - 1);
    if (n < 0)
        return unknown("the label", file, errno, why, size);
    label[n] = '\0';
    int r = next_context(own, label, next);
    if (r < 0)
        return unknown("the next domain", file, -r, why, size);
    if (same_type(own, next)) {
        format(why, size, "no type_transition: executing %s, of %s, leaves a process in %s", file, label,
               own);
        return false;
    }
    if (!permitted(own, next, "nnp_transition", why, size))
        return false;
    if (statvfs(file, &fs) < 0)
        return unknown("the file system", file, errno, why, size);
    return (fs.f_flag & ST_NOSUID) == 0 || permitted(own, next, "nosuid_transition", why, size);
}
