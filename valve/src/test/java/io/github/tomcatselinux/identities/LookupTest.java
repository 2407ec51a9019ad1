// SPDX-License-Identifier: Apache-2.0
// Answers are kept for so long and for so many; what does not answer gives no context.
package io.github.tomcatselinux.identities;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Await;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LookupTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final AtomicInteger asked = new AtomicInteger();

    private Lookup lookup(Lookup.Source source, int threads, int size, Duration patience, Duration age) {
        return new Lookup(source, new Lookup.Limits(patience, threads, size, age));
    }

    private Supplied answer(String user) {
        return new Supplied.Text(user + asked.incrementAndGet(), "test");
    }

    private static String text(Supplied supplied) {
        return assertInstanceOf(Supplied.Text.class, supplied).text();
    }

    private static String failure(Supplied supplied) {
        Supplied.None none = assertInstanceOf(Supplied.None.class, supplied);
        assertTrue(none.passing());
        return none.reason();
    }

    @Test
    void keepsAnswersForSoManyUsers() {
        try (Lookup lookup = lookup(this::answer, 1, 2, LONG, LONG)) {
            assertEquals("a1", text(lookup.of("a")));
            assertEquals("b2", text(lookup.of("b")));
            assertEquals("a1", text(lookup.of("a")));
            assertEquals("c3", text(lookup.of("c")));
            assertEquals("a1", text(lookup.of("a")));
            assertEquals("b4", text(lookup.of("b")));
            assertEquals(2, lookup.kept());
            assertEquals(2, lookup.hits());
            assertEquals(4, lookup.questions());
            lookup.clear();
            assertEquals(0, lookup.kept());
            assertEquals("a5", text(lookup.of("a")));
        }
    }

    @Test
    void doesNotKeepWhatWasAskedBeforeAllWasForgotten() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch cleared = new CountDownLatch(1);
        Lookup.Source slow = user -> {
            asking.countDown();
            cleared.await();
            return answer(user);
        };
        try (Lookup lookup = lookup(slow, 1, 10, LONG, LONG)) {
            Thread request = new Thread(() -> lookup.of("a"));
            request.start();
            asking.await();
            lookup.clear();
            cleared.countDown();
            request.join();
            assertEquals(1, asked.get());
            assertEquals(0, lookup.kept());
            assertEquals("a2", text(lookup.of("a")));
            assertEquals("a2", text(lookup.of("a")));
        }
    }

    @Test
    void keepsNothingForLongerThanItMay() throws Exception {
        try (Lookup lookup = lookup(this::answer, 1, 10, LONG, Duration.ofMillis(20))) {
            String first = text(lookup.of("a"));
            Await.until(
                    "an answer is kept for ever", () -> !text(lookup.of("a")).equals(first));
        }
        try (Lookup lookup = lookup(this::answer, 1, 10, LONG, Duration.ZERO)) {
            assertEquals(1, Integer.parseInt(text(lookup.of("a")).substring(1)) - asked.get() + 1);
            lookup.of("a");
            assertEquals(0, lookup.hits());
        }
    }

    @Test
    void gaveNoContextWhereTheSourceFailsAndAsksAgain() {
        Lookup.Source failing = user -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("broken");
            }
            return new Supplied.Text("fine", "test");
        };
        try (Lookup lookup = lookup(failing, 1, 10, LONG, LONG)) {
            String reason = failure(lookup.of("a"));
            assertTrue(reason.contains("broken"), reason);
            assertEquals(1, lookup.failures());
            assertEquals("fine", text(lookup.of("a")));
        }
    }

    @Test
    void waitsNeitherLongNorInACrowd() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Lookup.Source hanging = user -> {
            end.await();
            return new Supplied.Text("late", "test");
        };
        try (Lookup lookup = lookup(hanging, 1, 10, Duration.ofMillis(10), LONG)) {
            String late = failure(lookup.of("a"));
            assertTrue(late.contains("no answer within"), late);
            assertEquals(0, lookup.kept());
        } finally {
            end.countDown();
        }
    }

    @Test
    void asksOnThreadsThatWereThereBefore() {
        Lookup.Source naming = user -> new Supplied.Text(Thread.currentThread().getName(), "test");
        try (Lookup lookup = lookup(naming, 1, 10, LONG, LONG)) {
            assertEquals("tomcat-selinux-lookup", text(lookup.of("a")));
        }
    }
}
