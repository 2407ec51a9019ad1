// SPDX-License-Identifier: Apache-2.0
// The readable names of a folder.
package io.github.tomcatselinux.launcher;

import java.util.List;

/**
 * What a helper lists.
 *
 * @param errno 0, or why the folder cannot be listed
 * @param entries in no order
 */
public record Listing(int errno, List<DirectoryEntry> entries) {

    /** The folder may be there, and this context may not list it. */
    public boolean isDenied() {
        return Errno.isDenied(errno);
    }

    /** There is no such folder, as far as this context can tell. */
    public boolean isAbsent() {
        return Errno.isAbsent(errno);
    }
}
