// SPDX-License-Identifier: Apache-2.0
// The file of events that a dry run has written.
package io.github.tomcatselinux.mapping.suggest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.tomcatselinux.mapping.IpAddress;
import io.github.tomcatselinux.mapping.events.EventFields;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** One JSON object a line; events of other kinds are passed over, and so is what the client was refused anyway. */
public final class DryRunLog {
    /** What stands behind the colon is a line's number; else an attribute of the valve decided. */
    private static final Pattern OF_A_FILE = Pattern.compile(".*:\\d+", Pattern.DOTALL);

    private static final Pattern CONTEXT = Pattern.compile("\\w+:[\\w:,.-]+");

    /** These need a place in a mapping, or labels: what a rule denies is meant so. */
    private static final List<String> OF_INTEREST = List.of("selinux", "no-rule");

    private static final int FIRST_ERROR = 400;

    private DryRunLog() {}

    /**
     * Reads a file.
     *
     * @throws IOException naming file and line where that is not an event
     */
    public static List<Observation> read(Path file) throws IOException {
        List<Observation> observations = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    try {
                        observation(EventFields.of(line)).ifPresent(observations::add);
                    } catch (JsonProcessingException broken) {
                        throw new IOException(
                                file + ":" + number + ": not an event: " + broken.getOriginalMessage(), broken);
                    } catch (NumberFormatException broken) {
                        throw new IOException(file + ":" + number + ": status is no number", broken);
                    }
                }
            }
        }
        return observations;
    }

    private static Optional<Observation> observation(Map<String, String> fields) {
        boolean answered = !fields.containsKey("status") || Integer.parseInt(fields.get("status")) < FIRST_ERROR;
        if (!"would-refuse".equals(fields.get("event"))
                || !OF_INTEREST.contains(fields.getOrDefault("refusedBy", ""))
                || !answered) {
            return Optional.empty();
        }
        Optional<String> roles = Optional.ofNullable(fields.get("roles"));
        return Optional.of(new Observation(
                fields.getOrDefault("host", ""),
                Optional.ofNullable(fields.get("user")),
                roles.map(text -> List.of(text.split(",", -1))).orElse(List.of()),
                Optional.ofNullable(fields.get("address")).flatMap(IpAddress::parse),
                Optional.ofNullable(fields.get("context"))
                        .filter(context -> OF_A_FILE
                                .matcher(fields.getOrDefault("rule", ""))
                                .matches())
                        .flatMap(DryRunLog::domainAndRange),
                denied(fields)));
    }

    private static Optional<String> domainAndRange(String context) {
        String[] parts = context.split(":", 3);
        return parts.length == 3 && CONTEXT.matcher(parts[2]).matches() ? Optional.of(parts[2]) : Optional.empty();
    }

    private static Optional<Observation.Denied> denied(Map<String, String> fields) {
        for (String name : List.of("root", "object", "label", "class", "permissions")) {
            if (!fields.containsKey(name)) {
                return Optional.empty();
            }
        }
        return Optional.of(new Observation.Denied(
                fields.get("root"),
                fields.get("object"),
                fields.get("label"),
                fields.get("class"),
                List.of(fields.get("permissions").split(" ", -1))));
    }
}
