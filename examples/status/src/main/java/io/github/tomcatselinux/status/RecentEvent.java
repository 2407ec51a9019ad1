// SPDX-License-Identifier: Apache-2.0
// One of the events that a valve remembers.
package io.github.tomcatselinux.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code docs/logging.md} describes the fields.
 *
 * @param fields all of them, as text, in the event's order
 */
record RecentEvent(Map<String, String> fields) {
    private static final JsonFactory JSON = new JsonFactory();

    RecentEvent {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** Reads one JSON object; what is nested is left out. What is no JSON becomes an event of the one field {@code detail}. */
    static RecentEvent of(String json) {
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    fields.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException notJson) {
            return new RecentEvent(Map.of("detail", json));
        }
        return new RecentEvent(fields);
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** A field, or a word for that there is none. */
    String field(String name, String otherwise) {
        return fields.getOrDefault(name, otherwise);
    }
}
