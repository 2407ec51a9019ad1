// SPDX-License-Identifier: Apache-2.0
// Ends a blocking exchange that takes too long.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Acts unless it is called off first: neither Unix-domain channels nor pipes know a time-out of their own.
 *
 * <p>Nearly every deadline is called off long before it is due, several in each request. So setting one wakes nobody: a
 * single thread looks at all of them every tenth of a second, by which they may be late, and sleeps while there are none.
 */
public final class Deadline implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger("io.github.tomcatselinux.SelinuxValve");

    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Set<Deadline> PENDING = ConcurrentHashMap.newKeySet();

    private static final Thread CLOCK = clock();
    private static volatile boolean asleep;

    private final long due;
    private final Action action;

    private interface Action {
        void run() throws IOException;
    }

    private Deadline(Duration patience, Action action) {
        this.due = System.nanoTime() + patience.toNanos();
        this.action = action;
        PENDING.add(this);
        if (asleep) {
            LockSupport.unpark(CLOCK);
        }
    }

    /** Closes the channel when time is up: whoever blocks on it gets an {@link IOException}. */
    static Deadline closing(Channel channel, Duration patience) {
        return new Deadline(patience, channel::close);
    }

    /** Runs something short when time is up. */
    public static Deadline running(Runnable action, Duration patience) {
        return new Deadline(patience, action::run);
    }

    /** Kills the process when time is up. */
    static Deadline ending(Process process, Duration patience) {
        return new Deadline(patience, process::destroyForcibly);
    }

    @Override
    public void close() {
        PENDING.remove(this);
    }

    private static Thread clock() {
        Thread thread = new Thread(Deadline::watch, "tomcat-selinux-deadlines");
        thread.setDaemon(true);
        thread.setContextClassLoader(Deadline.class.getClassLoader());
        thread.start();
        return thread;
    }

    private static void watch() {
        while (true) {
            if (PENDING.isEmpty()) {
                asleep = true;
                // Whoever came before that was said has not woken us, and whoever comes after it does.
                if (PENDING.isEmpty()) {
                    LockSupport.park(PENDING);
                }
                asleep = false;
            }
            LockSupport.parkNanos(PENDING, TICK);
            long now = System.nanoTime();
            for (Deadline deadline : PENDING) {
                if (now - deadline.due >= 0) {
                    deadline.act();
                }
            }
        }
    }

    private void act() {
        try {
            if (PENDING.remove(this)) {
                action.run();
            }
        } catch (IOException alreadyGone) {
            // What was to be ended has ended by itself.
            return;
        } catch (RuntimeException | Error failed) {
            // The clock goes on for everybody else.
            LOG.error("what was to be done when time was up failed", failed);
        }
    }
}
