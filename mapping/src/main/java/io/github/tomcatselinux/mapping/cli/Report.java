// SPDX-License-Identifier: Apache-2.0
// The machine-readable output of the commands.
package io.github.tomcatselinux.mapping.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.github.tomcatselinux.mapping.MappingFinding;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes one JSON value to a stream. */
final class Report {
    private Report() {}

    /** Something that can be written. */
    interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    static void print(PrintWriter out, Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be written", e);
        }
        out.println(text);
        out.flush();
    }

    static void findings(JsonGenerator json, List<MappingFinding> findings) throws IOException {
        json.writeStartArray();
        for (MappingFinding finding : findings) {
            json.writeStartObject();
            json.writeStringField("severity", finding.severity().word());
            json.writeStringField("file", finding.file());
            json.writeNumberField("line", finding.line());
            json.writeNumberField("column", finding.column());
            json.writeStringField("message", finding.message());
            json.writeStringField("found", finding.found());
            json.writeStringField("expected", finding.expected());
            json.writeStringField("hint", finding.hint());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
