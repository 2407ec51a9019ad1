// SPDX-License-Identifier: Apache-2.0
// What the logger of events has one line for.
package io.github.tomcatselinux.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/** {@code docs/logging.md} describes the fields of each. */
public interface Event {
    /** Whatever a terminal or a reader of lines could take for more than text is behind it, or below the space. */
    int LAST_PLAIN = '~';

    /** Costs some microseconds to make, and may be shared. */
    JsonFactory JSON = new JsonFactory();

    /** Writes the fields of a JSON object that has begun. */
    void write(JsonGenerator json) throws IOException;

    /** One line: a JSON object of ASCII without control characters. */
    default String toJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text).setHighestNonEscapedChar(LAST_PLAIN)) {
            json.writeStartObject();
            write(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /** Writes a field that may be missing. */
    static void write(JsonGenerator json, String name, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, value.get());
        }
    }
}
