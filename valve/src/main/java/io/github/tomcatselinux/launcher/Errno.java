// SPDX-License-Identifier: Apache-2.0
// The kernel's reasons, by the numbers that Linux has for them.
package io.github.tomcatselinux.launcher;

/** What errno(3) means for a file that somebody asks for. */
final class Errno {
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int EEXIST = 17;
    private static final int ENOTDIR = 20;

    /** It is a folder, where a file was to be opened. */
    static final int EISDIR = 21;

    private static final int EINVAL = 22;
    private static final int ETXTBSY = 26;
    private static final int EFBIG = 27;
    private static final int ENOSPC = 28;
    private static final int EROFS = 30;
    private static final int EMLINK = 31;
    private static final int ENAMETOOLONG = 36;
    private static final int ENOTEMPTY = 39;
    private static final int ELOOP = 40;
    private static final int EDQUOT = 122;

    private Errno() {}

    /** It may be there, and this context may not have it. */
    static boolean isDenied(int errno) {
        return errno == EACCES || errno == EPERM || errno == EROFS;
    }

    /** It is not there, as far as this context can tell. */
    static boolean isAbsent(int errno) {
        return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
    }

    /** There is no room for it. */
    static boolean isFull(int errno) {
        return errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    }

    /** What is there stands in its way, or what should be there is not. */
    static boolean isMisplaced(int errno) {
        return switch (errno) {
            case EEXIST, EISDIR, EBUSY, ETXTBSY, EMLINK, ENOTEMPTY, ELOOP, EINVAL -> true;
            default -> isAbsent(errno);
        };
    }
}
