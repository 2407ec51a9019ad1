// SPDX-License-Identifier: Apache-2.0
// Ceilings hold, and one context cannot starve another.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    @Test
    void keepsRoomForOtherContextsWhenOneIsFlooded() throws Exception {
        Admission admission = admission(10, 3, 10, Duration.ofSeconds(20));
        List<CompletableFuture<?>> flood = new ArrayList<>();
        List<Admission.Permit> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(admission.enter("flooded"));
        }
        for (int i = 0; i < 10; i++) {
            flood.add(CompletableFuture.runAsync(() -> enterAndLeave(admission, "flooded")));
        }
        for (int i = 0; i < 3; i++) {
            held.add(admission.enter("other"));
        }
        held.forEach(Admission.Permit::close);
        for (CompletableFuture<?> one : flood) {
            one.handle((done, failed) -> done).get(20, TimeUnit.SECONDS);
        }
        admission.enter("flooded").close();
    }

    @Test
    void letsAWaitingRequestThroughWhenAHelperIsFreed() throws Exception {
        Admission admission = admission(1, 1, 1, Duration.ofSeconds(20));
        Admission.Permit held = admission.enter("a");
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> enterAndLeave(admission, "b"));
        assertThrows(TimeoutException.class, () -> waiting.get(200, TimeUnit.MILLISECONDS));
        held.close();
        waiting.get(20, TimeUnit.SECONDS);
    }

    @Test
    void givesUpWaitingAfterTheRequestTimeout() throws HelperException {
        Admission admission = admission(1, 1, 1, Duration.ofMillis(50));
        admission.enter("a");
        assertEquals(Reason.OVERLOADED, refusal(admission, "a"));
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

    private static void enterAndLeave(Admission admission, String context) {
        try (Admission.Permit permit = admission.enter(context)) {
            assertFalse(Thread.currentThread().isInterrupted());
        } catch (HelperException refused) {
            throw new AssertionError(refused);
        }
    }
}
