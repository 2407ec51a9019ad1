// SPDX-License-Identifier: Apache-2.0
// What the valve logs while a test runs.
package io.github.tomcatselinux;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects the lines of the valve's logger until it is closed. */
final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger(SelinuxValve.class.getName());
    private final List<String> lines = new CopyOnWriteArrayList<>();

    LogLines() {
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
