// SPDX-License-Identifier: Apache-2.0
// Time runs out for those who are late, and for nobody else.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration SOON = Duration.ofMillis(50);

    /** Reads from a pipe that nobody writes to, until it is closed. */
    private static void awaitClosed(Pipe pipe) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThrows(IOException.class, () -> pipe.source().read(ByteBuffer.allocate(1))));
    }

    @Test
    void endsWhoeverIsLate() throws Exception {
        Pipe pipe = Pipe.open();
        try (Deadline deadline = Deadline.closing(pipe.source(), SOON)) {
            awaitClosed(pipe);
        }
    }

    @Test
    void goesOnAfterAFailure() throws Exception {
        Pipe pipe = Pipe.open();
        Deadline.running(
                () -> {
                    throw new AssertionError("on purpose");
                },
                Duration.ZERO);
        try (Deadline deadline = Deadline.closing(pipe.source(), SOON.multipliedBy(4))) {
            awaitClosed(pipe);
        }
    }

    @Test
    void leavesAloneWhoeverIsDone() throws Exception {
        Pipe done = Pipe.open();
        Pipe late = Pipe.open();
        Deadline.closing(done.source(), Duration.ofSeconds(2)).close();
        try (Deadline deadline = Deadline.closing(late.source(), Duration.ofSeconds(4))) {
            awaitClosed(late);
        }
        assertTrue(done.source().isOpen());
    }

    @Test
    void wakesUpAgainAfterThereWasNothingToWaitFor() throws Exception {
        for (int i = 0; i < 5; i++) {
            Pipe pipe = Pipe.open();
            try (Deadline deadline = Deadline.closing(pipe.source(), SOON)) {
                awaitClosed(pipe);
            }
            Thread.sleep(i * 100L);
        }
    }

    @Test
    void knowsWhoIsLateAmongMany() throws Exception {
        Pipe late = Pipe.open();
        Pipe[] others = new Pipe[50];
        Deadline[] deadlines = new Deadline[others.length];
        for (int i = 0; i < others.length; i++) {
            others[i] = Pipe.open();
            deadlines[i] = Deadline.closing(others[i].source(), Duration.ofHours(1));
        }
        try (Deadline deadline = Deadline.closing(late.source(), SOON)) {
            awaitClosed(late);
        }
        for (int i = 0; i < others.length; i++) {
            deadlines[i].close();
            assertTrue(others[i].source().isOpen());
        }
    }
}
