// SPDX-License-Identifier: Apache-2.0
// Ports for servers that must be told theirs.
package io.github.tomcatselinux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

final class Ports {
    private Ports() {}

    /** A port that was free a moment ago: whoever uses it must be ready to try another. */
    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
