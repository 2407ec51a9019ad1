// SPDX-License-Identifier: Apache-2.0
// Which of the kernel's records are about a refusal.
package io.github.tomcatselinux.mapping.why;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A helper serves one request, or few of one connection, so that process id, context and time tell. */
public final class Records {
    /** A helper's record is older than the event, by no more than a request may take. */
    private static final Duration BEFORE = Duration.ofMinutes(2);

    /** The clocks are one; the event's is read a little later, never earlier but for its milliseconds. */
    private static final Duration AFTER = Duration.ofSeconds(1);

    /** Whoever starts a program is answered when the kernel has refused it. */
    private static final Duration BEFORE_PROGRAM = Duration.ofSeconds(2);

    /** A thread's name, which records have as {@code comm}, is cut at so many characters by the kernel. */
    private static final int COMMAND = 15;

    private Records() {}

    /** Those of the process that the event names, and for a program those of the process that was to become it. */
    public static List<Denial> of(Event event, List<Denial> all) {
        String helper = event.field("helper").orElse("");
        String context = event.field("context").orElse("");
        boolean program = event.field("way").equals(Optional.of("program"));
        return all.stream()
                .filter(record -> (helper.equals(Long.toString(record.process()))
                                || (program
                                        && !record.time().isBefore(event.time().minus(BEFORE_PROGRAM))))
                        && context.equals(record.source())
                        && !record.time().isBefore(event.time().minus(BEFORE))
                        && !record.time().isAfter(event.time().plus(AFTER)))
                .distinct()
                .toList();
    }

    /** Those of the confined thread that has run code for the request; its name is the request's. */
    public static List<Denial> ofThread(String request, List<Denial> all) {
        String command = request.substring(0, Math.min(request.length(), COMMAND));
        return all.stream().filter(record -> record.command().equals(command)).toList();
    }
}
