// SPDX-License-Identifier: Apache-2.0
// The kernel's reasons, by the numbers that Linux has for them.
package io.github.tomcatselinux.launcher;

/** What errno(3) means for a file that somebody asks for. */
final class Errno {
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int ENOTDIR = 20;

    /** It is a folder, where a file was to be opened. */
    static final int EISDIR = 21;

    private static final int ENAMETOOLONG = 36;

    private Errno() {}

    /** It may be there, and this context may not have it. */
    static boolean isDenied(int errno) {
        return errno == EACCES || errno == EPERM;
    }

    /** It is not there, as far as this context can tell. */
    static boolean isAbsent(int errno) {
        return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
    }
}
