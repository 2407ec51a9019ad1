// SPDX-License-Identifier: Apache-2.0
// Ceilings hold, and one context cannot starve another.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static Admission admission(int helpers, int perContext, int queue, Duration patience) {
        return new Admission(new Limits(helpers, perContext, queue, patience, Duration.ZERO), context -> false);
    }

    private static Reason refusal(Admission admission, String context) {
        return assertThrows(HelperException.class, () -> admission.enter(context))
                .reason();
    }

    @Test
    void refusesAtOnceWhatNeitherHelperNorQueueHasRoomFor() throws HelperException {
        Admission admission = admission(2, 2, 0, Duration.ofMinutes(1));
        Admission.Permit first = admission.enter("a");
        admission.enter("b");
        assertEquals(Reason.OVERLOADED, refusal(admission, "c"));
        first.close();
        admission.enter("c");
    }

    /** Of ten requests over the ceiling three wait, in a queue with room for five; seven are turned away. */
    @Test
    void keepsRoomForOtherContextsWhenOneIsFlooded() throws Exception {
        Admission admission = admission(5, 3, 5, Await.PATIENCE);
        List<Admission.Permit> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(admission.enter("flooded"));
        }
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger served = new AtomicInteger();
        Background[] flood = new Background[10];
        for (int i = 0; i < flood.length; i++) {
            flood[i] = Background.run(() -> {
                try {
                    // Never closed: whoever gets in stays.
                    admission.enter("flooded");
                    served.incrementAndGet();
                } catch (HelperException full) {
                    assertEquals(Reason.OVERLOADED, full.reason());
                    refused.incrementAndGet();
                }
            });
        }
        Await.until("the flood is not refused", () -> refused.get() == 7);
        Admission.Permit other = admission.enter("other");
        admission.enter("other");
        Background waiting = Background.run(() -> admission.enter("other"));
        waiting.awaitWaiting();
        other.close();
        waiting.join();
        assertEquals(0, served.get());
        held.forEach(Admission.Permit::close);
        for (Background one : flood) {
            one.join();
        }
        assertEquals(3, served.get());
        assertEquals(7, refused.get());
    }

    @Test
    void letsAWaitingRequestThroughWhenAHelperIsFreed() throws Exception {
        Admission admission = admission(1, 1, 1, Await.PATIENCE);
        Admission.Permit held = admission.enter("a");
        Background waiting = Background.run(() -> admission.enter("b"));
        waiting.awaitWaiting();
        assertTrue(admission.isAwaited());
        held.close();
        waiting.join();
        assertFalse(admission.isAwaited());
    }

    @Test
    void givesUpWaitingAfterTheRequestTimeout() throws HelperException {
        Duration patience = Duration.ofMillis(50);
        Admission admission = admission(1, 1, 1, patience);
        admission.enter("a");
        long start = System.nanoTime();
        assertEquals(Reason.OVERLOADED, refusal(admission, "a"));
        assertTrue(System.nanoTime() - start >= patience.toNanos());
    }

    @Test
    void givesALeaveBackOnlyOnce() throws HelperException {
        Admission admission = admission(1, 1, 0, Duration.ofSeconds(1));
        Admission.Permit permit = admission.enter("a");
        permit.close();
        permit.close();
        admission.enter("a");
        assertEquals(Reason.OVERLOADED, refusal(admission, "a"));
    }
}
