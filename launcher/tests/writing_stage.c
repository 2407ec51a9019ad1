/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of changes ask of a helper, and look at in its root. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"
#include "writing_stage.h"

static char content[4096];

const char *path_of(const struct stage *s, const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", s->root, name);
    return path;
}

const char *content_of(const struct stage *s, const char *name)
{
    int fd = open(path_of(s, name), O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    ssize_t n = read(fd, content, sizeof content - 1);
    close(fd);
    assert_true(n >= 0);
    content[n] = '\0';
    return content;
}

unsigned names_in(const struct stage *s, const char *folder, const char *prefix)
{
    unsigned names = 0;
    DIR *d = opendir(path_of(s, folder));

    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        names += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return names;
}

unsigned leftovers(const struct stage *s)
{
    return names_in(s, ".", ".tomcat-selinux-");
}

const char *leftover(const struct stage *s)
{
    static char name[256];

    DIR *d = opendir(s->root);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strncmp(e->d_name, ".tomcat", 7) == 0)
            snprintf(name, sizeof name, "%s", e->d_name);
    closedir(d);
    return name;
}

int writing_with(const struct stage *s, struct confined *c, uint64_t file_size)
{
    struct confined unused;
    struct confine_request request = client_request("u:r:t:s0", s->root);

    request.flags = 0;
    request.file_size = file_size;
    int fd = confined_as(s, &request, c != NULL ? c : &unused, 0);
    return fd;
}

int writing(const struct stage *s)
{
    return writing_with(s, NULL, 0);
}

struct found done(int fd)
{
    struct found f = {0};

    assert_int_equal(client_done(fd, &f, &reply), 0);
    return f;
}

int ask(int fd, uint16_t type, const char *path)
{
    assert_int_equal(client_path(fd, type, path), 0);
    return done(fd).error;
}

struct found create(int fd, const char *path, uint16_t mode)
{
    assert_int_equal(client_path_and(fd, REQUEST_CREATE, path, mode), 0);
    return done(fd);
}

struct found commit(int fd)
{
    assert_int_equal(client_commit(fd), 0);
    return done(fd);
}

struct found put(int fd, const char *path, uint16_t mode, const char *octets)
{
    struct found f = create(fd, path, mode);

    if (f.error != 0)
        return f;
    assert_int_equal(client_content(fd, octets, strlen(octets)), 0);
    return commit(fd);
}

int access_to(int fd, const char *path, uint16_t what)
{
    assert_int_equal(client_path_and(fd, REQUEST_ACCESS, path, what), 0);
    return done(fd).error;
}
