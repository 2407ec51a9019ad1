// SPDX-License-Identifier: Apache-2.0
// A line of a classic file after joining, that still knows where its characters came from.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;

/** One or more physical lines joined by a backslash at the end. */
final class LogicalLine {
    private record Part(int start, int line, String text) {}

    private List<Part> parts;
    private String text;

    LogicalLine(int line, String text) {
        this.parts = List.of(new Part(0, line, text));
        this.text = text;
    }

    void append(int line, String physical) {
        parts = new ArrayList<>(parts);
        parts.add(new Part(text.length(), line, physical));
        text += physical;
    }

    String text() {
        return text;
    }

    private Part part(int position) {
        int i = parts.size() - 1;
        while (parts.get(i).start() > position) {
            i--;
        }
        return parts.get(i);
    }

    /** The physical line of a character, from 1. */
    int line(int position) {
        return part(position).line();
    }

    /** The column of a character in its physical line, from 1, in characters rather than UTF-16 units. */
    int column(int position) {
        Part part = part(position);
        return part.text()
                        .codePointCount(
                                0, Math.min(position - part.start(), part.text().length()))
                + 1;
    }
}
