// SPDX-License-Identifier: Apache-2.0
// The events that are written while a test runs.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.tomcatselinux.events.EventLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Switches them on, and off when it is closed. */
final class Events implements AutoCloseable {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** The JVM forgets loggers that nobody holds, with their levels. */
    private static final Logger LOGGER = Logger.getLogger(EventLog.NAME);

    private final LogLines lines = new LogLines(EventLog.NAME);

    Events() {
        LOGGER.setLevel(Level.FINE);
    }

    /** The fields of one line, in their order; each is a string or a number. */
    static Map<String, Object> parsed(String line) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(line)) {
            assertEquals(JsonToken.START_OBJECT, json.nextToken(), line);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                boolean number = json.nextToken() == JsonToken.VALUE_NUMBER_INT;
                assertTrue(number || json.currentToken() == JsonToken.VALUE_STRING, line);
                fields.put(name, number ? (Object) json.getLongValue() : json.getText());
            }
            assertEquals(JsonToken.END_OBJECT, json.currentToken(), line);
            assertNull(json.nextToken(), line);
        }
        return fields;
    }

    /** Those so far, in their order. */
    List<Map<String, Object>> all() throws Exception {
        List<Map<String, Object>> events = new ArrayList<>();
        for (String line : lines.with()) {
            events.add(parsed(line));
        }
        return events;
    }

    /** The last one. */
    Map<String, Object> last() throws Exception {
        List<Map<String, Object>> events = all();
        return events.get(events.size() - 1);
    }

    @Override
    public void close() {
        LOGGER.setLevel(null);
        lines.close();
    }
}
