// SPDX-License-Identifier: Apache-2.0
// What the server wrote about a request in its access log.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/** Finds requests by the id that the client gave them. */
final class RequestLog {
    private static final int TRIES = 100;

    /**
     * A line of the log.
     *
     * @param rule where the rule stands; empty if none decided
     * @param context the context as the helper read it back from the kernel
     * @param helper the helper's process id; empty if there was none
     * @param request what the server calls the request; empty for the plain one
     */
    record Line(Optional<String> rule, Optional<String> context, Optional<String> helper, Optional<String> request) {}

    private RequestLog() {}

    /** The line of a request; the server writes it just after the client has its answer. */
    static Line find(Server server, String id) throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            if (Files.exists(server.requestLog())) {
                for (String line : Files.readAllLines(server.requestLog())) {
                    String[] fields = line.split("\\|", -1);
                    if (fields.length == 6 && fields[0].equals(id)) {
                        return new Line(present(fields[2]), present(fields[3]), present(fields[4]), present(fields[5]));
                    }
                }
            }
            Thread.sleep(100);
        }
        throw new IOException(server.requestLog() + ": no line about request " + id);
    }

    private static Optional<String> present(String field) {
        return field.isEmpty() || field.equals("-") ? Optional.empty() : Optional.of(field);
    }
}
