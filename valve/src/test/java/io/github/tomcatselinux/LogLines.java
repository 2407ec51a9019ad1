// SPDX-License-Identifier: Apache-2.0
// What the valve, or another part of the server, logs while a test runs.
package io.github.tomcatselinux;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects the lines of a logger until it is closed. */
final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** The valve's own. */
    LogLines() {
        this(SelinuxValve.class.getName());
    }

    /** Those of a logger, and of what is named below it. */
    LogLines(String name) {
        logger = Logger.getLogger(name);
        logger.addHandler(this);
    }

    /** The lines so far that contain all parts. */
    List<String> with(String... parts) {
        return lines.stream()
                .filter(line -> List.of(parts).stream().allMatch(line::contains))
                .toList();
    }

    @Override
    public void publish(LogRecord record) {
        lines.add(record.getMessage());
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
