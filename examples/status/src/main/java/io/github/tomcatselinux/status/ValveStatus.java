// SPDX-License-Identifier: Apache-2.0
// What the MBean of one valve shows.
package io.github.tomcatselinux.status;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * A copy of the attributes, all read at once. {@code docs/monitoring.md} says what each means.
 *
 * @param name by which the valve answers questions
 */
record ValveStatus(ObjectName name, Map<String, Object> attributes) {
    private static final String[] NAMES = {
        "enforcing",
        "enforcement",
        "rules",
        "ruleTexts",
        "ruleHits",
        "mappingLoaded",
        "mappingRefused",
        "mappingFailed",
        "mappingFailure",
        "helpers",
        "helpersByContext",
        "helpersKept",
        "maxHelpers",
        "requestsWaiting",
        "threads",
        "threadsByContext",
        "maxThreads",
        "inheritedContexts",
        "refusals",
        "recentRefusals",
        "preflight",
        "configuration"
    };

    /** How often a rule has decided, and when last. */
    record Hits(long number, Instant last) {}

    ValveStatus {
        attributes = Map.copyOf(attributes);
    }

    /** All valves of this JVM, ordered by name. */
    static List<ValveStatus> all() {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        List<ValveStatus> all = new ArrayList<>();
        try {
            for (ObjectName name : server.queryNames(new ObjectName("*:type=Valve,name=SelinuxValve,*"), null).stream()
                    .sorted()
                    .toList()) {
                read(server, name).ifPresent(all::add);
            }
        } catch (MalformedObjectNameException impossible) {
            throw new IllegalStateException(impossible);
        }
        return all;
    }

    private static Optional<ValveStatus> read(MBeanServer server, ObjectName name) {
        try {
            Map<String, Object> attributes = new HashMap<>();
            server.getAttributes(name, NAMES).asList().stream()
                    .filter(attribute -> attribute.getValue() != null)
                    .forEach(attribute -> attributes.put(attribute.getName(), attribute.getValue()));
            return Optional.of(new ValveStatus(name, attributes));
        } catch (InstanceNotFoundException stoppedMeanwhile) {
            return Optional.empty();
        } catch (JMException unreadable) {
            throw new IllegalStateException(name + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** Where the valve is declared, in words. */
    String place() {
        String host = name.getKeyProperty("host");
        String context = name.getKeyProperty("context");
        String number = name.getKeyProperty("seq");
        return (host == null ? "Engine" : "Host " + host)
                + (context == null ? "" : ", application " + context)
                + (number == null ? "" : ", valve " + number);
    }

    boolean is(String attribute) {
        return Boolean.TRUE.equals(attributes.get(attribute));
    }

    long number(String attribute) {
        return attributes.get(attribute) instanceof Number number ? number.longValue() : 0;
    }

    String text(String attribute) {
        return attributes.get(attribute) instanceof String text ? text : "";
    }

    List<String> lines(String attribute) {
        return attributes.get(attribute) instanceof String[] lines ? List.of(lines) : List.of();
    }

    /** Empty for never. */
    Optional<Instant> time(String attribute) {
        return Optional.of(number(attribute)).filter(millis -> millis > 0).map(Instant::ofEpochMilli);
    }

    /** One column of a table, by the table's key. */
    Map<String, Long> column(String table, String column) {
        Map<String, Long> cells = new LinkedHashMap<>();
        rows(table).forEach(row -> cells.put(key(row), (Long) row.get(column)));
        return cells;
    }

    /** By rule, those that have decided any. */
    Map<String, Hits> hits() {
        Map<String, Hits> hits = new LinkedHashMap<>();
        rows("ruleHits")
                .forEach(row -> hits.put(
                        key(row), new Hits((Long) row.get("hits"), Instant.ofEpochMilli((Long) row.get("lastHit")))));
        return hits;
    }

    /** What the valve says of a question. */
    Answer ask(Question question) {
        try {
            Object answer = ManagementFactory.getPlatformMBeanServer()
                    .invoke(name, "explain", question.arguments(), Question.signature());
            return new Answer(String.valueOf(answer), false);
        } catch (JMException | JMRuntimeException refused) {
            Throwable cause = refused;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return new Answer(String.valueOf(cause.getMessage()), true);
        }
    }

    private Stream<CompositeData> rows(String table) {
        return attributes.get(table) instanceof TabularData rows
                ? rows.values().stream()
                        .map(CompositeData.class::cast)
                        .sorted((one, other) -> key(one).compareTo(key(other)))
                : Stream.empty();
    }

    private static String key(CompositeData row) {
        return row.getCompositeType().keySet().stream()
                .map(row::get)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse("");
    }
}
