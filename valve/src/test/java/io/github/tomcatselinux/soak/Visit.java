// SPDX-License-Identifier: Apache-2.0
// What one user asks for again and again.
package io.github.tomcatselinux.soak;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * A request, and what has to come.
 *
 * @param host the virtual host
 * @param way files, dav, programs or servlets
 * @param user whose password is the name; {@code -} is nobody
 * @param expected by one set of rules, or by each of two that take turns
 */
record Visit(String host, String way, String user, String path, List<Expectation> expected) {
    /** What recovers by itself: one way on one host. */
    String lane() {
        return host + " " + way;
    }

    /** The head of a request, without its last line. */
    static String head(String method, String host, String user, String path) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + host + ".example\r\n";
        return user.equals("-")
                ? head
                : head + "Authorization: Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8))
                        + "\r\n";
    }

    @Override
    public String toString() {
        return user + " asking " + host + path;
    }
}
