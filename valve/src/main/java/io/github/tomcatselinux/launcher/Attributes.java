// SPDX-License-Identifier: Apache-2.0
// What a helper tells about one file or folder.
package io.github.tomcatselinux.launcher;

/**
 * The attributes of an object that the helper could open, or why it could not.
 *
 * @param errno 0, or the kernel's refusal (errno(3)); then the other fields say nothing
 * @param kind regular file or directory
 * @param handle names an open file after {@link HelperConnection#open}; 0 where none is open
 * @param size octets
 * @param modified milliseconds since 1970, UTC
 * @param created the same; the time of modification where the file system does not know it
 */
public record Attributes(int errno, Kind kind, int handle, long size, long modified, long created) {

    /** The kinds of object that exist for a helper. */
    public enum Kind {
        /** No object: {@code errno} tells why. */
        NONE,
        /** Regular file. */
        FILE,
        /** Directory. */
        DIRECTORY,
        /** In no root, but on the way to where one is mounted. */
        WAY
    }

    /** The object may be there, and this context may not read it. */
    public boolean isDenied() {
        return Errno.isDenied(errno);
    }

    /** There is no such object, as far as this context can tell. */
    public boolean isAbsent() {
        return Errno.isAbsent(errno);
    }

    /** Which of the granted roots has it. */
    public int root() {
        return 0;
    }
}
