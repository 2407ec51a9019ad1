// SPDX-License-Identifier: Apache-2.0
// One of the two servers that get the same requests.
package io.github.tomcatselinux.demo;

import java.nio.file.Path;

/**
 * A server under test.
 *
 * @param name {@code plain} or {@code confined}
 * @param port where it listens
 * @param requestLog its access log
 */
record Server(String name, int port, Path requestLog) {

    /** Reads {@code NAME=PORT:LOG}. */
    static Server parse(String text) {
        int equals = text.indexOf('=');
        int colon = text.indexOf(':', equals);
        if (equals < 0 || colon < 0) {
            throw new IllegalArgumentException("[" + text + "] is not of the form NAME=PORT:LOG");
        }
        return new Server(
                text.substring(0, equals),
                Integer.parseInt(text.substring(equals + 1, colon)),
                Path.of(text.substring(colon + 1)));
    }

    boolean isConfined() {
        return name.equals("confined");
    }
}
