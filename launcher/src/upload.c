/* SPDX-License-Identifier: Apache-2.0 */
/* One upload: written aside, and put in its place whole. */
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "filter.h"
#include "leftovers.h"
#include "likeness.h"
#include "protocol.h"
#include "status.h"

enum { KEEP_SIZE = 1 }; /* FALLOC_FL_KEEP_SIZE */

static struct {
    bool open;
    bool listable;
    uint16_t mode;
    int folder;
    int file;
    int error; /* of what was written so far */
    char name[NAME_MAX + 1];
    char temporary[LEFTOVER_NAME];
} upload;

static int changed(long r)
{
    return r < 0 ? (int)-r : 0;
}

/* Opens what is to be replaced; *old stays -1 where there is nothing. That this context may write to it is
 * for the kernel to say, although replacing it would only ask about the folder. */
static int open_old(int *old)
{
    struct status s;

    int r = status_of(upload.folder, upload.name, AT_SYMLINK_NOFOLLOW, &s);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return -r;
    if (upload.mode == UPLOAD_NEW || !(S_ISREG(s.mode) || S_ISDIR(s.mode)))
        return EEXIST;
    return S_ISDIR(s.mode) ? EISDIR : files_open_to_write(upload.folder, upload.name, old);
}

/* Writing in place writes to all names of a file, wherever they are. */
static bool has_one_name(int old)
{
    struct status s;

    return status_of(old, "", AT_EMPTY_PATH, &s) == 0 && S_ISREG(s.mode) && s.links == 1;
}

/* May the new file take the old one's place, or be written into it? */
static bool fits(int old)
{
    if (old < 0)
        return true;
    return upload.mode == UPLOAD_IN_PLACE ? has_one_name(old) : likeness_holds(upload.file, old);
}

static int prepare(void)
{
    int old = -1;

    int error = open_old(&old);
    if (error != 0)
        return error;
    if (upload.listable)
        leftovers_sweep(upload.folder);
    error = leftovers_make(upload.folder, upload.temporary, &upload.file);
    if (error == 0) {
        upload.open = true;
        if (old >= 0 && upload.mode == UPLOAD_REPLACE)
            likeness_make(upload.file, old);
        /* What is on its way into a file that nobody else may read is nobody else's either. */
        if (old >= 0 && upload.mode == UPLOAD_IN_PLACE &&
            filter_change_call(SYS_fchmod, upload.file, 0600, 0, 0, 0) < 0)
            error = EACCES;
        if (error == 0 && !fits(old))
            error = UPLOAD_CONFLICT;
    }
    if (old >= 0)
        close(old);
    return error;
}

int upload_begin(int folder, bool listable, const char *name, uint16_t mode)
{
    size_t length = strlen(name);
    int error = ENAMETOOLONG;

    upload.open = false;
    upload.folder = folder;
    upload.listable = listable;
    upload.mode = mode;
    upload.error = 0;
    if (length <= NAME_MAX) {
        memcpy(upload.name, name, length + 1);
        error = prepare();
    }
    if (error != 0 && upload.open)
        upload_abort();
    else if (error != 0)
        close(folder);
    return error;
}

void upload_write(const uint8_t *octets, size_t length)
{
    while (upload.error == 0 && length > 0) {
        ssize_t n = write(upload.file, octets, length);
        if (n >= 0) {
            octets += n;
            length -= (size_t)n;
        } else if (errno != EINTR) {
            upload.error = errno;
        }
    }
}

/* What can fail for want of space fails before the old content is touched, where the file system lets us ask.
 */
static int copy_into(int old)
{
    struct status s;
    off_t offset = 0;

    int r = status_of(upload.file, "", AT_EMPTY_PATH, &s);
    if (r < 0)
        return -r;
    long space = s.size == 0 ? 0 : filter_change_call(SYS_fallocate, old, KEEP_SIZE, 0, (long)s.size, 0);
    if (space < 0 && space != -EOPNOTSUPP)
        return (int)-space;
    while ((uint64_t)offset < s.size) {
        ssize_t n = sendfile(old, upload.file, &offset, s.size - (uint64_t)offset);
        if (n == 0)
            return EIO;
        if (n < 0 && errno != EINTR)
            return errno;
    }
    int error = changed(filter_change_call(SYS_ftruncate, old, (long)s.size, 0, 0, 0));
    return error != 0 ? error : changed(filter_change_call(SYS_fsync, old, 0, 0, 0, 0));
}

/* Puts the new file under the name and, in its stead, what was there under the temporary one. What nobody
 * expected there is not replaced; the same once more puts everything back. */
static int exchange(const char *from, const char *to, bool replace)
{
    return changed(filter_change_call(SYS_renameat2, upload.folder, (long)from, upload.folder, (long)to,
                                      replace ? RENAME_EXCHANGE : RENAME_NOREPLACE));
}

/* Another file may have come between the last look and the exchange: then that one has to be as like. It is
 * not locked, so another helper may have swept it already: then there is nothing left to be put back. */
static int check_replaced(void)
{
    int replaced = -1;

    int error = files_open_to_write(upload.folder, upload.temporary, &replaced);
    if (error == ENOENT)
        return 0;
    if (error == 0 && !fits(replaced))
        error = UPLOAD_CONFLICT;
    if (replaced >= 0)
        close(replaced);
    return error;
}

/* The name may be gone meanwhile; what cannot be put back even so is at least not removed. */
static void put_back(bool replace)
{
    if (exchange(upload.name, upload.temporary, replace) == 0 || !replace)
        return;
    exchange(upload.temporary, upload.name, false);
    upload.temporary[0] = '\0';
}

static int move_into_place(bool replace)
{
    int error = exchange(upload.temporary, upload.name, replace);
    if (error != 0)
        return error;
    if (replace)
        error = check_replaced();
    if (error == 0 && upload.listable)
        error = changed(filter_change_call(SYS_fsync, upload.folder, 0, 0, 0, 0));
    if (error != 0)
        put_back(replace);
    else if (!replace)
        upload.temporary[0] = '\0';
    return error;
}

static int finish(int old)
{
    if (old >= 0 && upload.mode == UPLOAD_IN_PLACE)
        return copy_into(old);
    int error = changed(filter_change_call(SYS_fsync, upload.file, 0, 0, 0, 0));
    /* While it bears the temporary name, nobody may take the old file for a dead helper's. */
    if (old >= 0)
        leftovers_lock(old);
    return error == 0 ? move_into_place(old >= 0) : error;
}

int upload_commit(void)
{
    int old = -1;

    int error = upload.error != 0 ? upload.error : open_old(&old);
    if (error == 0)
        error = fits(old) ? finish(old) : UPLOAD_CONFLICT;
    if (old >= 0)
        close(old);
    upload_abort();
    return error;
}

void upload_abort(void)
{
    if (!upload.open)
        return;
    if (upload.temporary[0] != '\0')
        filter_change_call(SYS_unlinkat, upload.folder, (long)upload.temporary, 0, 0, 0);
    close(upload.file);
    close(upload.folder);
    upload.open = false;
}
