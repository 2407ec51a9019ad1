// SPDX-License-Identifier: Apache-2.0
// What a program says on standard error, line by line and no more than a log can bear.
package io.github.tomcatselinux.programs;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Lines are cut at 1,000 octets; past 64 KiB, or a thousand lines, the rest is only counted. */
final class ErrorLines {
    private static final int LONGEST_LINE = 1_000;
    private static final int MOST_OCTETS = 65_536;
    private static final int MOST_LINES = 1_000;

    private final Consumer<String> log;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int octets;
    private int lines;
    private boolean cut;
    private long dropped;

    ErrorLines(Consumer<String> log) {
        this.log = log;
    }

    void take(ByteBuffer said) {
        while (said.hasRemaining()) {
            if (octets >= MOST_OCTETS || lines >= MOST_LINES) {
                dropped += said.remaining();
                return;
            }
            byte octet = said.get();
            octets++;
            if (octet == '\n') {
                endLine();
            } else if (line.size() < LONGEST_LINE) {
                line.write(octet);
            } else {
                cut = true;
            }
        }
    }

    /** Logs what has no end of line, and how much was not logged at all; 0 if nothing. */
    long end() {
        endLine();
        return dropped;
    }

    private void endLine() {
        if (line.size() > 0) {
            lines++;
            log.accept(line.toString(StandardCharsets.UTF_8) + (cut ? "..." : ""));
        }
        line.reset();
        cut = false;
    }
}
