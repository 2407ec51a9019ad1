// SPDX-License-Identifier: Apache-2.0
// What is counted as what, and how exactly times are kept.
package io.github.tomcatselinux.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.launcher.ProgramConnection.Exit;
import io.github.tomcatselinux.launcher.ProgramConnection.Limit;
import io.github.tomcatselinux.metrics.HelperNumbers.Fate;
import java.io.EOFException;
import java.nio.channels.AsynchronousCloseException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HelperNumbersTest {
    private final HelperNumbers numbers = new HelperNumbers();
    private final Histogram times = new Histogram();

    private void assertFates(long refused, long lost, long timedOut, long crashed) {
        assertEquals(refused, numbers.count(Fate.REFUSED));
        assertEquals(lost, numbers.count(Fate.LOST));
        assertEquals(timedOut, numbers.count(Fate.TIMED_OUT));
        assertEquals(crashed, numbers.count(Fate.CRASHED));
    }

    @Test
    void tellsFailuresApart() {
        numbers.failed(new HelperException(Reason.REFUSED, "no such context"));
        numbers.failed(new HelperException(Reason.OVERLOADED, "too many"));
        numbers.failed(new HelperException(Reason.UNAVAILABLE, "SELinux is permissive"));
        assertFates(1, 0, 0, 0);
        numbers.failed(new HelperException(Reason.UNAVAILABLE, "gone", new EOFException()));
        numbers.failed(new HelperException(Reason.UNAVAILABLE, "closed", new AsynchronousCloseException()));
        assertFates(1, 1, 1, 0);
        numbers.exited(new Exit(false, 1, Limit.NONE));
        numbers.exited(new Exit(true, 9, Limit.TIME));
        numbers.exited(new Exit(true, 9, Limit.SILENCE));
        numbers.exited(new Exit(true, 11, Limit.NONE));
        assertFates(1, 1, 3, 1);
        numbers.said("launcher: helper 12 crashed: signal 11 (Segmentation fault), context a_t");
        numbers.said("launcher: helper 12 refused");
        assertFates(1, 1, 3, 2);
    }

    @Test
    void knowsNothingOfNothing() {
        assertEquals(0, times.count());
        assertEquals(0, times.quantile(0.99));
    }

    @Test
    void noTimeIsMoreThanAQuarterTooLarge() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long microseconds = random.nextLong(1L << random.nextInt(1, 32));
            Histogram one = new Histogram();
            one.add(TimeUnit.MICROSECONDS.toNanos(microseconds));
            long found = one.quantile(0.5);
            assertTrue(found >= microseconds && found <= microseconds + microseconds / 4, microseconds + ": " + found);
            assertEquals(microseconds, one.total());
        }
    }

    @Test
    void quantilesAreThoseOfAll() {
        for (int i = 1; i <= 1_000; i++) {
            times.add(TimeUnit.MICROSECONDS.toNanos(i));
        }
        assertEquals(1_000, times.count());
        assertTrue(times.quantile(0.5) >= 500 && times.quantile(0.5) <= 625);
        assertTrue(times.quantile(0.99) >= 990 && times.quantile(0.99) <= 1_250);
        times.add(Long.MAX_VALUE);
        times.add(-1);
        assertEquals(1_002, times.count());
        assertTrue(times.quantile(1) > TimeUnit.MINUTES.toMicros(50));
    }
}
