// SPDX-License-Identifier: Apache-2.0
// A path of an application in the form in which a helper is asked for it.
package io.github.tomcatselinux.files;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Relative, without a slash at its end, in the octets of the file system. */
final class HelperPath {
    private static final int LONGEST = 4095;

    private HelperPath() {}

    /** The path as the helper wants it; empty if no file can have it. */
    static Optional<byte[]> of(String path) {
        String relative =
                path.substring(1, path.length() > 1 && path.endsWith("/") ? path.length() - 1 : path.length());
        if (relative.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(relative));
            byte[] octets = new byte[encoded.remaining()];
            encoded.get(octets);
            return octets.length > LONGEST ? Optional.empty() : Optional.of(octets);
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }
}
