// SPDX-License-Identifier: Apache-2.0
// Waiting for other threads and processes.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Waits for what will happen sooner or later: on a busy machine later. What never happens fails the test. */
public final class Await {
    /** Far longer than anything takes that happens at all. */
    public static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final int POLL_MILLISECONDS = 10;

    private Await() {}

    /** What is waited for; an exception of it fails the test at once. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Returns as soon as the condition holds.
     *
     * @param failure what is wrong if that never is
     */
    public static void until(String failure, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() - start < PATIENCE.toNanos(), failure);
            Thread.sleep(POLL_MILLISECONDS);
        }
    }

    /** Waits for the end of a process that may be anybody's child. */
    public static void dead(long pid) throws Exception {
        until("process " + pid + " is still there", () -> isDead(pid));
    }

    /** Waits for the end of all of them. */
    public static void dead(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            dead(process.pid());
        }
    }

    /** Gone, or dead and only waiting for its parent to look. */
    private static boolean isDead(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException gone) {
            return true;
        }
    }
}
