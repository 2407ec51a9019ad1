// SPDX-License-Identifier: Apache-2.0
// From bytes to text.
package io.github.tomcatselinux.mapping;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Decodes strictly, and tells UTF-8, with or without a byte order mark, from UTF-16 and UTF-32. */
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

    /** The text of a whole file; what is not UTF-8 is noted at its place. */
    static Optional<String> decode(byte[] content, Findings findings) {
        int start = startOfText(content);
        ByteBuffer bytes = ByteBuffer.wrap(content, start, content.length - start);
        CharBuffer text = CharBuffer.allocate(content.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true);
        text.flip();
        if (!result.isError()) {
            return Optional.of(text.toString());
        }
        TextPlaces places = new TextPlaces(text.toString());
        findings.error(
                places.line(text.length()),
                places.column(text.length()),
                "the bytes are not UTF-8",
                String.format("0x%02x", bytes.get(bytes.position())),
                "text in UTF-8",
                "");
        return Optional.empty();
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
