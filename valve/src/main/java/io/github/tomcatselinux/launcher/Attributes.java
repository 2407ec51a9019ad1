// SPDX-License-Identifier: Apache-2.0
// What a helper tells about one file or folder.
package io.github.tomcatselinux.launcher;

/**
 * The attributes of an object that the helper could open, or why it could not.
 *
 * @param outcome why there is nothing, if there is nothing: then the other fields say nothing
 * @param kind regular file or directory
 * @param handle names an open file after {@link HelperConnection#open}; 0 where none is open
 * @param size octets
 * @param modified milliseconds since 1970, UTC
 * @param created the same; the time of modification where the file system does not know it
 */
public record Attributes(Outcome outcome, Kind kind, int handle, long size, long modified, long created) {

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

    /** 0, or why there is nothing (errno(3)). */
    public int errno() {
        return outcome.errno();
    }

    /** Which of the granted roots has it. */
    public int root() {
        return outcome.root();
    }
}
