// SPDX-License-Identifier: Apache-2.0
// The one place where text becomes HTML.
package io.github.tomcatselinux.status;

import java.util.Set;

/** A document that grows. Every text and every value of an attribute is escaped; names of elements and attributes are ours. */
final class Html {
    private static final Set<String> WITHIN_LINES = Set.of("bdi", "code", "strong", "time");

    private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");

    /** Begins an element; attributes are names and values by turns, and one whose value is null is left out. */
    Html open(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                escape(attributes[i + 1]);
                out.append('"');
            }
        }
        out.append('>');
        return this;
    }

    /** Ends an element, and the line, where a space means nothing. */
    Html close(String element) {
        out.append("</").append(element).append('>');
        if (!WITHIN_LINES.contains(element)) {
            out.append('\n');
        }
        return this;
    }

    /** A whole element that holds a text. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close(element);
    }

    /** Text. */
    Html text(String text) {
        escape(text);
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private void escape(String text) {
        text.codePoints().forEach(this::escape);
    }

    private void escape(int character) {
        switch (character) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            case '\n' -> out.append('\n');
            default -> {
                if (isSeen(character)) {
                    out.appendCodePoint(character);
                } else {
                    out.append(String.format("\\u%04x", character));
                }
            }
        }
    }

    /** What a reader does not see, or what would turn the direction of what follows, is shown by its number. */
    private static boolean isSeen(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
