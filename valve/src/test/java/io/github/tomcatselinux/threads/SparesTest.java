// SPDX-License-Identifier: Apache-2.0
// Threads that were started ahead: one request each, in its context, and none for whom there is no context.
package io.github.tomcatselinux.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Await;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SparesTest {
    private final Object application = new Object();
    private final Map<Thread, String> prepared = new ConcurrentHashMap<>();
    private final AtomicBoolean unfit = new AtomicBoolean();
    private final AtomicInteger attempts = new AtomicInteger();
    private final ConfinedThreads threads =
            new ConfinedThreads(new ConfinedThreads.Settings(1, Duration.ofMinutes(1)), this::prepare, new Unlimited());

    private Switch.Ready prepare() throws HelperException {
        attempts.incrementAndGet();
        if (unfit.get()) {
            throw new HelperException(Reason.UNAVAILABLE, "there is no descriptor");
        }
        prepared.put(Thread.currentThread(), "none");
        return new Switch.Ready() {
            @Override
            public void take(String context) throws HelperException {
                if (context.equals("forbidden")) {
                    throw new HelperException(Reason.REFUSED, "not this one");
                }
                prepared.put(Thread.currentThread(), context);
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    @BeforeEach
    void begin() {
        threads.begin(application);
    }

    @AfterEach
    void end() {
        threads.close();
    }

    private Thread served(String context) throws Exception {
        AtomicReference<Thread> served = new AtomicReference<>();
        threads.run(application, context, context + "'s", () -> {
            served.set(Thread.currentThread());
            assertEquals(context, prepared.get(Thread.currentThread()));
            assertEquals(context + "'s", Thread.currentThread().getName());
        });
        return served.get();
    }

    /** Those that wait to be asked. */
    private Set<Thread> spares() {
        Set<Thread> waiting = new HashSet<>(prepared.keySet());
        waiting.removeIf(thread -> thread.getState() != Thread.State.WAITING
                || !prepared.get(thread).equals("none"));
        return waiting;
    }

    @Test
    void serveOneRequestEachWithoutBeingStartedForIt() throws Exception {
        served("first");
        Set<Thread> seen = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Await.until("no threads are started ahead", () -> spares().size() == 4);
            Set<Thread> ahead = spares();
            Thread thread = served("context" + i);
            assertTrue(ahead.contains(thread), "started for the request: " + thread);
            assertTrue(seen.add(thread), "served two: " + thread);
            Await.until("it lives on", () -> !thread.isAlive());
        }
        assertEquals(0, threads.size());
    }

    @Test
    void areNotStartedWhereThreadsServeSeveralRequests() throws Exception {
        try (ConfinedThreads kept = new ConfinedThreads(
                new ConfinedThreads.Settings(2, Duration.ofMinutes(1)), this::prepare, new Unlimited())) {
            kept.begin(application);
            AtomicReference<Thread> first = new AtomicReference<>();
            kept.run(application, "a", "name", () -> first.set(Thread.currentThread()));
            kept.run(application, "a", "name", () -> assertSame(first.get(), Thread.currentThread()));
        }
        assertEquals(Set.of(), spares());
        assertEquals(1, attempts.get());
    }

    @Test
    void areNotGivenARequestThatTheyTakeNoContextFor() throws Exception {
        served("first");
        Await.until("no threads are started ahead", () -> spares().size() == 4);
        AtomicBoolean ran = new AtomicBoolean();
        HelperException refused = assertThrows(
                HelperException.class, () -> threads.run(application, "forbidden", "name", () -> ran.set(true)));
        assertEquals("not this one", refused.getMessage());
        assertFalse(ran.get());
        assertEquals(0, threads.size());
    }

    @Test
    void failTheRequestAloneThatFindsNoneFitAndComeBackOnceTheyAre() throws Exception {
        unfit.set(true);
        HelperException refused = assertThrows(HelperException.class, () -> served("first"));
        assertEquals("there is no descriptor", refused.getMessage());
        // One ahead was tried in vain, and no other before somebody asks again.
        Await.until("none was tried ahead", () -> attempts.get() >= 2);
        unfit.set(false);
        served("second");
        Await.until("none is started again", () -> spares().size() == 4);
    }

    @Test
    void endWithTheValve() throws Exception {
        served("first");
        Await.until("no threads are started ahead", () -> spares().size() == 4);
        Set<Thread> ahead = spares();
        threads.close();
        for (Thread spare : ahead) {
            assertFalse(spare.isAlive(), "lives on: " + spare);
        }
    }
}
