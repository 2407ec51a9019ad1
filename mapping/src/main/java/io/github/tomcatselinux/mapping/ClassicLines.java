// SPDX-License-Identifier: Apache-2.0
// Splits the bytes of a classic file into lines of text.
package io.github.tomcatselinux.mapping;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines end in LF or CRLF; each is decoded by itself, so that every malformed one is found, not only the first. */
final class ClassicLines {
    /** What the original could hold of one line. */
    static final int LONGEST_LINE = 8192;

    private static final int MOST_PARTS = 100;

    private final Findings findings;
    private final byte[] content;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final CharBuffer decoded = CharBuffer.allocate(LONGEST_LINE);
    private final List<LogicalLine> lines = new ArrayList<>();
    private LogicalLine open;
    private int parts;

    ClassicLines(byte[] content, Findings findings) {
        this.content = content;
        this.findings = findings;
    }

    List<LogicalLine> split() {
        int start = Encoding.startOfText(content);
        int number = 0;
        while (start < content.length) {
            int end = start;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            number++;
            int textEnd = end > start && content[end - 1] == '\r' ? end - 1 : end;
            line(number, start, textEnd);
            start = end + 1;
        }
        if (open != null) {
            if (!inComment(open.text())) {
                findings.error(number, 0, "the file ends behind a backslash", "", "the next line", "");
            }
            lines.add(open);
        }
        return lines;
    }

    private void line(int number, int start, int end) {
        if (end - start > LONGEST_LINE) {
            findings.error(
                    number, 0, "the line is " + (end - start) + " bytes long", "", "at most " + LONGEST_LINE, "");
            return;
        }
        decoded.clear();
        decoder.reset();
        ByteBuffer bytes = ByteBuffer.wrap(content, start, end - start);
        CoderResult result = decoder.decode(bytes, decoded, true);
        decoded.flip();
        if (result.isError()) {
            int column = decoded.toString().codePointCount(0, decoded.length()) + 1;
            findings.error(
                    number,
                    column,
                    "the bytes are not UTF-8",
                    String.format("0x%02x", bytes.get(bytes.position())),
                    "text in UTF-8",
                    "");
            return;
        }
        join(number, decoded.toString());
    }

    private void join(int number, String text) {
        boolean continues = text.endsWith("\\") && !text.endsWith("\\\\");
        String kept = continues ? text.substring(0, text.length() - 1) : text;
        if (open == null) {
            open = new LogicalLine(number, kept);
            parts = 1;
        } else {
            open.append(number, kept);
            parts++;
        }
        if (continues && inComment(open.text())) {
            findings.warning(
                    number,
                    0,
                    "this comment ends in a backslash, so the next line is part of it",
                    "remove the backslash if that is not meant");
        }
        if (continues && parts == MOST_PARTS) {
            findings.error(number, 0, "more than " + MOST_PARTS + " lines are joined", "", "", "");
            continues = false;
        }
        if (!continues) {
            lines.add(open);
            open = null;
        }
    }

    private static boolean inComment(String text) {
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '#' && !quoted) {
                return true;
            }
        }
        return false;
    }
}
