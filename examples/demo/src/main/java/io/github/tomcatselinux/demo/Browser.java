// SPDX-License-Identifier: Apache-2.0
// The client: curl, as a person would use it.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes requests from a given address of this machine, wherever the server is. */
final class Browser {

    /**
     * An answer.
     *
     * @param status HTTP status
     * @param body the whole body
     */
    record Answer(int status, String body) {}

    private Browser() {}

    /** One GET; the id travels in a header of the request, so that the server's log can be matched with it. */
    static Answer get(Server server, Scenario.Visit visit, String path, String id)
            throws IOException, InterruptedException {
        Path body = Files.createTempFile("demo-", ".body");
        try {
            List<String> command = new ArrayList<>(List.of(
                    "curl",
                    "--silent",
                    "--show-error",
                    "--max-time",
                    "60",
                    "--interface",
                    visit.from(),
                    "--connect-to",
                    "::" + server.address().orElse(visit.from()) + ":" + server.port(),
                    "--header",
                    "X-Request: " + id,
                    "--output",
                    body.toString(),
                    "--write-out",
                    "%{http_code}"));
            visit.user().ifPresent(user -> command.addAll(List.of("--user", user + ":" + user)));
            command.add("http://" + visit.host() + path);
            String status = Command.run(command);
            return new Answer(Integer.parseInt(status.trim()), Files.readString(body, StandardCharsets.UTF_8));
        } finally {
            Files.delete(body);
        }
    }
}
