// SPDX-License-Identifier: Apache-2.0
// Time runs out for those who are late, and for nobody else.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration SOON = Duration.ofMillis(50);

    /** Reads from a pipe that nobody writes to, until it is closed. */
    private static void awaitClosed(Pipe pipe) {
        assertTimeoutPreemptively(
                Await.PATIENCE,
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
        AtomicBoolean failed = new AtomicBoolean();
        Deadline.running(
                () -> {
                    failed.set(true);
                    throw new AssertionError("on purpose");
                },
                Duration.ZERO);
        Await.until("the first is never due", failed::get);
        endsWhoeverIsLate();
    }

    @Test
    void leavesAloneWhoeverIsDone() throws Exception {
        Duration patience = SOON;
        Pipe done = Pipe.open();
        while (!isDoneWithin(patience, done)) {
            // This machine stood still in between: it was late indeed.
            patience = patience.multipliedBy(2);
            done = Pipe.open();
        }
        Pipe late = Pipe.open();
        try (Deadline deadline = Deadline.closing(late.source(), patience.plus(SOON.multipliedBy(10)))) {
            awaitClosed(late);
        }
        assertTrue(done.source().isOpen());
    }

    private static boolean isDoneWithin(Duration patience, Pipe pipe) {
        long start = System.nanoTime();
        Deadline.closing(pipe.source(), patience).close();
        return System.nanoTime() - start < patience.toNanos();
    }

    @Test
    void wakesUpAgainAfterThereWasNothingToWaitFor() throws Exception {
        for (int i = 0; i < 5; i++) {
            endsWhoeverIsLate();
            Await.until("the clock does not sleep", DeadlineTest::isClockAsleep);
        }
    }

    /** It waits without a limit then. */
    private static boolean isClockAsleep() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("tomcat-selinux-deadlines"))
                .anyMatch(thread -> thread.getState() == Thread.State.WAITING);
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
