// SPDX-License-Identifier: Apache-2.0
// What is left behind is done in order, dropped and counted where there is no room, and done at the end.
package io.github.tomcatselinux.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.tomcatselinux.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final List<Integer> done = new CopyOnWriteArrayList<>();

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void dropsWhatItHasNoRoomForAndCountsIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Backlog backlog = new Backlog("the test's", 3)) {
            backlog.add(() -> {
                begun.countDown();
                await(goOn);
            });
            begun.await();
            IntStream.range(0, 5).forEach(number -> backlog.add(() -> done.add(number)));
            assertEquals(2, backlog.dropped());
            goOn.countDown();
            Await.until("it is not done", () -> done.equals(List.of(0, 1, 2)));
        }
    }

    @Test
    void goesOnAfterAFailureAndDoesWhatIsLeftWhenItIsClosed() {
        Backlog backlog = new Backlog("the test's", 100);
        backlog.add(() -> {
            throw new IllegalStateException("a failure that the test wants");
        });
        backlog.add(() -> {
            throw new NoClassDefFoundError("an error that the test wants");
        });
        IntStream.range(0, 50)
                .forEach(number -> backlog.add(() -> {
                    assertFalse(Thread.currentThread().isInterrupted());
                    done.add(number);
                }));
        backlog.close();
        assertEquals(IntStream.range(0, 50).boxed().toList(), done);
        backlog.add(() -> done.add(-1));
        assertEquals(1, backlog.dropped());
        assertEquals(50, done.size());
    }
}
