// SPDX-License-Identifier: Apache-2.0
// Writes a report; the guest has no library for it.
package io.github.tomcatselinux.soak;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Maps, lists, texts, numbers and truth values as JSON (RFC 8259). */
final class Json {
    private static final int FIRST_PRINTABLE = 0x20;

    private Json() {}

    static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> of(entry.getKey().toString()) + ": " + of(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Json::of).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, "%.3f", number);
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        return value.toString()
                .chars()
                .mapToObj(octet -> octet < FIRST_PRINTABLE || octet == '"' || octet == '\\'
                        ? String.format(Locale.ROOT, "\\u%04x", octet)
                        : Character.toString(octet))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
