// SPDX-License-Identifier: Apache-2.0
// What a client sent, made fit for one line of a log.
package io.github.tomcatselinux;

import java.security.Principal;
import org.apache.catalina.connector.Request;

/** Escapes everything that could end a line, hide text or colour a terminal. */
public final class LogText {
    private static final int LONGEST = 256;

    private LogText() {}

    /** The authenticated user's name, or {@code -}. */
    static String user(Request request) {
        Principal principal = request.getPrincipal();
        return principal == null ? "-" : quote(principal.getName());
    }

    /** The text with control, format and separator characters as {@code \}{@code uXXXX}, cut at 256 characters. */
    static String quote(String text) {
        return quote(text, LONGEST);
    }

    /** The same, cut at another length. */
    public static String quote(String text, int longest) {
        if (text == null) {
            return "-";
        }
        StringBuilder quoted = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), longest); i++) {
            char c = text.charAt(i);
            boolean plain = c != '\\'
                    && switch (Character.getType(c)) {
                        case Character.CONTROL,
                                Character.FORMAT,
                                Character.LINE_SEPARATOR,
                                Character.PARAGRAPH_SEPARATOR,
                                Character.SURROGATE,
                                Character.UNASSIGNED -> false;
                        default -> true;
                    };
            if (plain) {
                quoted.append(c);
            } else {
                quoted.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() > longest ? quoted.append("...").toString() : quoted.toString();
    }
}
