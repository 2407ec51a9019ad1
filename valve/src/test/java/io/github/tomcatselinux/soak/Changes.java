// SPDX-License-Identifier: Apache-2.0
// Something that is one way or the other, and for a moment nobody knows which.
package io.github.tomcatselinux.soak;

import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** Which of two states has been in force all the while that a request took; begins with the first. */
final class Changes {
    /** Odd while it changes. */
    private final AtomicInteger epoch = new AtomicInteger();

    void begin() {
        epoch.incrementAndGet();
    }

    void end() {
        epoch.incrementAndGet();
    }

    /** To be asked before a request, and given to {@link #since} behind it. */
    int now() {
        return epoch.get();
    }

    /** The state of now, 0 or 1, if it has been so since then; empty if it changed meanwhile, or was changing. */
    OptionalInt since(int then) {
        return epoch.get() == then && then % 2 == 0 ? OptionalInt.of(then / 2 % 2) : OptionalInt.empty();
    }
}
