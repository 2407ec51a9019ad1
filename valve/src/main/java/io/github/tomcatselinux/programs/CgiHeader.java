// SPDX-License-Identifier: Apache-2.0
// The header that a program writes before its document (RFC 3875, section 6).
package io.github.tomcatselinux.programs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Takes octets until the empty line. A line ends with LF, CR LF or CR. */
final class CgiHeader {
    private static final int LONGEST = 65_536;

    /** What is between us and the client is ours alone (RFC 3875, section 6.3.4). */
    private static final Set<String> CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final List<Field> fields = new ArrayList<>();
    private Optional<Integer> status = Optional.empty();
    private Optional<String> location = Optional.empty();
    private boolean afterReturn;
    private boolean complete;
    private int size;
    private int lines;

    /** One field that is not for us. */
    record Field(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /** What a program wrote is no header. */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Takes as much as belongs to the header, and leaves the rest. */
    void take(ByteBuffer octets) throws MalformedException {
        while (octets.hasRemaining() && !complete) {
            byte octet = octets.get(octets.position());
            if (afterReturn && octet != '\n') {
                // A CR alone ended that line, and this octet belongs to the next, or to the document.
                endLine();
                continue;
            }
            octets.get();
            if (++size > LONGEST) {
                throw new MalformedException("its header has more than " + LONGEST + " octets");
            }
            if (octet == '\r') {
                afterReturn = true;
            } else if (octet == '\n') {
                endLine();
            } else {
                line.write(octet);
            }
        }
    }

    /** There is nothing more: a CR at the very end still ends its line. */
    void end() throws MalformedException {
        if (afterReturn && !complete) {
            endLine();
        }
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether anything has come at all. */
    boolean isEmpty() {
        return size == 0;
    }

    /** What {@code Status}, or the status line of a script that writes its own, says. */
    Optional<Integer> status() {
        return status;
    }

    Optional<String> location() {
        return location;
    }

    /** All other fields, in their order. */
    List<Field> fields() {
        return fields;
    }

    private void endLine() throws MalformedException {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        line.reset();
        afterReturn = false;
        if (text.isEmpty()) {
            complete = true;
            return;
        }
        lines++;
        if (lines == 1 && text.startsWith("HTTP/")) {
            // A script that parses headers itself (NPH): its status line says what Status does.
            String[] words = text.split(" ", 3);
            status = Optional.of(code(words.length > 1 ? words[1] : "", text));
            return;
        }
        int colon = text.indexOf(':');
        if (colon < 1 || !text.substring(0, colon).matches(TOKEN)) {
            throw new MalformedException("a line of its header is none: [" + text + "]");
        }
        field(text.substring(0, colon), text.substring(colon + 1).strip());
    }

    private void field(String name, String value) throws MalformedException {
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new MalformedException("its field [" + name + "] holds a control character");
        }
        if (value.isEmpty()) {
            // RFC 3875, section 6.3: as if it had not been sent.
            return;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        switch (lower) {
            case "status" -> status = Optional.of(code(value.split(" ", 2)[0], value));
            case "location" -> location = Optional.of(value);
            default -> {
                if (!CONNECTION.contains(lower)) {
                    fields.add(new Field(name, value));
                }
            }
        }
    }

    private static int code(String digits, String whole) throws MalformedException {
        if (!digits.matches("[1-5][0-9][0-9]") || digits.startsWith("1")) {
            throw new MalformedException("its status is none: [" + whole + "]");
        }
        return Integer.parseInt(digits);
    }
}
