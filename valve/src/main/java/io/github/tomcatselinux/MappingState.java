// SPDX-License-Identifier: Apache-2.0
// When the rules were read, and what is wrong with the file since.
package io.github.tomcatselinux;

import java.time.Instant;
import java.util.Optional;

/** For JMX: nothing depends on it. Any thread may ask. */
final class MappingState {
    /** The last failure. */
    record Failure(Instant time, String message) {}

    private volatile Instant loaded = Instant.now();
    private volatile Optional<Failure> last = Optional.empty();
    private volatile boolean wrong;

    /** The file as it is now is in force. */
    void accepted() {
        loaded = Instant.now();
        wrong = false;
    }

    /** The file has become again what is in force. */
    void restored() {
        wrong = false;
    }

    /** The file as it is now is refused. */
    void rejected(String message) {
        last = Optional.of(new Failure(Instant.now(), message));
        wrong = true;
    }

    /** When the rules in force were read. */
    Instant loaded() {
        return loaded;
    }

    /** The last failure, also if it was mended since. */
    Optional<Failure> failure() {
        return last;
    }

    /** Whether the file is refused as it is now. */
    boolean isWrong() {
        return wrong;
    }
}
