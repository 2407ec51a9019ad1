// SPDX-License-Identifier: Apache-2.0
// Byte order marks.
package io.github.tomcatselinux.mapping;

/** Tells UTF-8, with or without a byte order mark, from UTF-16 and UTF-32. */
final class Encoding {
    private Encoding() {}

    /** Where the text begins: behind a UTF-8 byte order mark, or at once. */
    static int startOfText(byte[] content) {
        return startsWith(content, 0xef, 0xbb, 0xbf) ? 3 : 0;
    }

    /** Whether the bytes begin as no UTF-8 text does. */
    static boolean isUtf16(byte[] content) {
        return startsWith(content, 0xff, 0xfe) || startsWith(content, 0xfe, 0xff);
    }

    private static boolean startsWith(byte[] content, int... bytes) {
        if (content.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((content[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
