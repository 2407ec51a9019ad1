// SPDX-License-Identifier: Apache-2.0
// Shows text from outside in a message without letting it pass for more than text.
package io.github.tomcatselinux.mapping;

/** Quotes text for messages: control, invisible and unpaired characters are escaped, long text is cut. */
final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    /** The text in double quotes, escaped as the mapping file itself escapes, at most 120 characters of it. */
    static String text(String text) {
        return quote(text, LONGEST);
    }

    /** The text in double quotes, escaped, in full. */
    static String literal(String text) {
        return quote(text, Integer.MAX_VALUE);
    }

    private static String quote(String text, int longest) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        int shown = 0;
        for (int i = 0; i < text.length(); ) {
            if (shown++ == longest) {
                out.append("...");
                break;
            }
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
            } else if (isPlain(c)) {
                out.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    out.append(String.format("\\u%04x", (int) unit));
                }
            }
        }
        return out.append('"').toString();
    }

    /** Whether a reader sees this character for what it is. */
    static boolean isPlain(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /** {@code U+200B}, for a character that cannot be shown. */
    static String codePoint(int c) {
        return String.format("U+%04X", c);
    }
}
