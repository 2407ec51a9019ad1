// SPDX-License-Identifier: Apache-2.0
// What a helper answers when it opened a file.
package io.github.tomcatselinux.launcher;

import java.nio.ByteBuffer;

/**
 * A file that was opened, or why it was not.
 *
 * @param attributes of the open file; its handle is 0 if all of it is in {@code start}, and nothing is open any more
 * @param start its first octets
 */
public record Opened(Attributes attributes, ByteBuffer start) {
    /** Whether all of the file is here. */
    boolean isWhole() {
        return attributes.errno() == 0 && attributes.handle() == 0;
    }
}
