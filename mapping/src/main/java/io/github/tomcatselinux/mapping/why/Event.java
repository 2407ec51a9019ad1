// SPDX-License-Identifier: Apache-2.0
// One refusal, as the valve has logged it.
package io.github.tomcatselinux.mapping.why;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.tomcatselinux.mapping.events.EventFields;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fields of {@code docs/logging.md}. What a client sent is in them as it was sent. */
public record Event(Instant time, Map<String, String> fields) {
    /** What was refused, and what would have been, were it not for a dry run. */
    private static final Set<String> KINDS = Set.of("refusal", "would-refuse");

    /** A field as text, if it is there. */
    public Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /**
     * The refusals of one request in a file with one JSON object a line, in their order.
     *
     * @throws IOException naming file and line where one that has the id of the request is no event
     */
    public static List<Event> of(Path file, String request) throws IOException {
        List<Event> events = new ArrayList<>();
        // Within JSON nothing in an id is escaped; it saves reading the others.
        String mark = "\"" + request + "\"";
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.contains(mark)) {
                    try {
                        Map<String, String> fields = EventFields.of(line);
                        if (KINDS.contains(fields.getOrDefault("event", "")) && request.equals(fields.get("request"))) {
                            events.add(new Event(Instant.parse(fields.getOrDefault("time", "")), Map.copyOf(fields)));
                        }
                    } catch (JsonProcessingException | DateTimeException broken) {
                        throw new IOException(file + ":" + number + ": not an event: " + broken.getMessage(), broken);
                    }
                }
            }
        }
        return events;
    }
}
