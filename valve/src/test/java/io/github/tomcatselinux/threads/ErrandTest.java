// SPDX-License-Identifier: Apache-2.0
// What a confined thread has the server do for it: on which thread, and what comes back.
package io.github.tomcatselinux.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tomcatselinux.launcher.HelperException;
import jakarta.servlet.ServletException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ErrandTest {
    private final Object application = new Object();
    private final ConfinedThreads threads =
            new ConfinedThreads(new ConfinedThreads.Settings(10, Duration.ofMinutes(1)), Switch.NONE, new Unlimited());

    @BeforeEach
    void begin() {
        threads.begin(application);
    }

    @AfterEach
    void end() {
        threads.close();
    }

    private void confined(Task task) throws IOException, ServletException {
        threads.run(application, "context", "name", task);
    }

    @Test
    void isDoneByTheThreadThatWaits() throws Exception {
        AtomicReference<Thread> confined = new AtomicReference<>();
        AtomicReference<Thread> server = new AtomicReference<>();
        confined(() -> {
            confined.set(Thread.currentThread());
            server.set(ConfinedThreads.onServer(Thread::currentThread));
        });
        assertSame(Thread.currentThread(), server.get());
        assertNotSame(server.get(), confined.get());
        assertSame(Thread.currentThread(), ConfinedThreads.onServer(Thread::currentThread));
    }

    private static void raise(Throwable thrown) throws IOException, ServletException {
        if (thrown instanceof IOException broken) {
            throw broken;
        }
        if (thrown instanceof ServletException wrong) {
            throw wrong;
        }
        if (thrown instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        throw (Error) thrown;
    }

    @Test
    void givesBackWhateverIsThrown() throws Exception {
        for (Throwable thrown : List.of(
                new IOException("io"),
                new FileNotFoundException("file"),
                new HelperException(HelperException.Reason.UNAVAILABLE, "helper"),
                new ServletException("servlet"),
                new IllegalArgumentException("runtime"),
                new StackOverflowError("error"),
                new NoClassDefFoundError("linkage"))) {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            confined(() -> seen.set(assertThrows(
                    Throwable.class,
                    () -> ConfinedThreads.onServer(() -> {
                        raise(thrown);
                        return null;
                    }))));
            assertSame(thrown, seen.get());
        }
        AtomicReference<String> after = new AtomicReference<>();
        confined(() -> after.set(ConfinedThreads.onServer(() -> "still")));
        assertEquals("still", after.get());
    }
}
