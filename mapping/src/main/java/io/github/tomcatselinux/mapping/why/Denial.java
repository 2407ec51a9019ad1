// SPDX-License-Identifier: Apache-2.0
// One record of the kernel's that something was denied.
package io.github.tomcatselinux.mapping.why;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An AVC record, as {@code audit.log}, {@code dmesg} and {@code journalctl -k} have it.
 *
 * @param process the id; of a confined thread that of the JVM
 * @param command the first 15 characters of the process's or thread's name
 * @param object path or name of what it was about; empty where the record names nothing
 * @param source the context of who asked
 * @param target the context of the object
 * @param logged whether it was only logged, since SELinux or the domain is permissive
 */
public record Denial(
        Instant time,
        long process,
        String command,
        String object,
        List<String> permissions,
        String objectClass,
        String source,
        String target,
        boolean logged) {

    private static final Pattern RECORD =
            Pattern.compile("audit\\((\\d{1,12})\\.(\\d{3}):\\d+\\): avc: +denied +\\{ ([a-z0-9_ ]+) \\} for +(.*)");

    private static final Pattern FIELD = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|(\\S+))");

    private static final Pattern HEX = Pattern.compile("(?:[0-9A-F]{2})+");

    /** What a line says; empty if it is no such record. */
    public static Optional<Denial> parse(String line) {
        Matcher record = RECORD.matcher(line);
        if (!record.find()) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        for (Matcher field = FIELD.matcher(record.group(4)); field.find(); ) {
            fields.put(field.group(1), field.group(2) != null ? field.group(2) : plain(field.group(1), field.group(3)));
        }
        if (!fields.keySet().containsAll(List.of("pid", "scontext", "tcontext", "tclass"))
                || !fields.get("pid").matches("\\d{1,10}")) {
            return Optional.empty();
        }
        return Optional.of(new Denial(
                Instant.ofEpochSecond(Long.parseLong(record.group(1)), Long.parseLong(record.group(2)) * 1_000_000),
                Long.parseLong(fields.get("pid")),
                fields.getOrDefault("comm", ""),
                fields.getOrDefault("path", fields.getOrDefault("name", fields.getOrDefault("dest", ""))),
                List.of(record.group(3).strip().split(" +")),
                fields.get("tclass"),
                fields.get("scontext"),
                fields.get("tcontext"),
                "1".equals(fields.get("permissive"))));
    }

    /** Names with spaces, quotes or other than ASCII the kernel writes as hexadecimal digits, without quotes. */
    private static String plain(String field, String value) {
        if (!List.of("name", "path", "comm").contains(field)
                || !HEX.matcher(value).matches()) {
            return value;
        }
        byte[] octets = new byte[value.length() / 2];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) Integer.parseInt(value.substring(2 * i, 2 * i + 2), 16);
        }
        return new String(octets, StandardCharsets.UTF_8);
    }
}
