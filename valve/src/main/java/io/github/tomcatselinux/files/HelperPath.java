// SPDX-License-Identifier: Apache-2.0
// A path of an application in the form in which a helper is asked for it.
package io.github.tomcatselinux.files;

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
        byte[] octets = relative.getBytes(StandardCharsets.UTF_8);
        boolean text = relative.equals(new String(octets, StandardCharsets.UTF_8));
        return text && relative.indexOf('\0') < 0 && octets.length <= LONGEST ? Optional.of(octets) : Optional.empty();
    }
}
