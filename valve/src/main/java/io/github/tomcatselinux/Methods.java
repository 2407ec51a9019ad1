// SPDX-License-Identifier: Apache-2.0
// What the methods of HTTP and WebDAV (RFC 4918) do to files.
package io.github.tomcatselinux;

import io.github.tomcatselinux.launcher.Access;
import java.util.Optional;
import java.util.Set;
import org.apache.catalina.connector.Request;

/** What has to be asked of the kernel before Tomcat's servlet runs, since it would not ask. */
final class Methods {
    private static final Set<String> READING = Set.of("GET", "HEAD", "POST");

    private static final Set<String> CHANGING =
            Set.of("PUT", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH");

    private static final Set<String> TAKING = Set.of("COPY", "MOVE", "DELETE");

    private Methods() {}

    /** Whether a method changes files, or what is told of them. */
    static boolean change(String method) {
        return CHANGING.contains(method);
    }

    /** Whether a method walks through all that is below a path: from the top, into what the server alone may read. */
    static boolean takeAll(String method) {
        return TAKING.contains(method);
    }

    /** Whether the servlet itself looks whether it can read what is asked for: others tell of it all the same. */
    static boolean read(String method) {
        return READING.contains(method);
    }

    /** Whether a method is answered by what it says rather than by what it names, where there is nothing. */
    static boolean unlock(String method) {
        return method.equals("UNLOCK");
    }

    /** What must be allowed for locks and properties, which the server keeps in its memory, and no file is changed. */
    static Optional<Access> needed(Request request) {
        return switch (request.getMethod()) {
            case "LOCK" -> Optional.of("0".equals(request.getHeader("Depth")) ? Access.WRITE : Access.WRITE_BELOW);
            case "UNLOCK", "PROPPATCH" -> Optional.of(Access.WRITE);
            default -> Optional.empty();
        };
    }

    /** A PUT of a part: Tomcat would put the whole together in a file of the server's own. */
    static boolean isPartial(Request request) {
        return request.getMethod().equals("PUT") && request.getHeader("Content-Range") != null;
    }
}
