// SPDX-License-Identifier: Apache-2.0
// Work that requests leave behind, and do not wait for.
package io.github.tomcatselinux.report;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** One thread of the server's does it, in its order. Where there is no room more, it is dropped and counted. */
public final class Backlog implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger("io.github.tomcatselinux.SelinuxValve");

    private static final long PATIENCE = TimeUnit.SECONDS.toMillis(5);

    private final BlockingQueue<Runnable> work;
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Nothing is to be done yet.
     *
     * @param name the thread's
     * @param room how many pieces may wait
     */
    public Backlog(String name, int room) {
        work = new ArrayBlockingQueue<>(room);
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.setContextClassLoader(Backlog.class.getClassLoader());
        thread.start();
    }

    /** Has it done some time, or returns false if it never will be; does not block. */
    public boolean add(Runnable piece) {
        boolean taken = !closed && work.offer(piece);
        if (!taken) {
            dropped.increment();
        }
        return taken;
    }

    /** How many pieces were dropped so far. */
    public long dropped() {
        return dropped.sum();
    }

    /** Does what is there, for some seconds at most, and nothing more. */
    @Override
    public void close() {
        closed = true;
        // An interrupt would break off what it asks the kernel.
        if (!work.offer(Backlog::nothing)) {
            LOG.debug("there is no room to wake a thread that has enough to do");
        }
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        work.clear();
    }

    private void run() {
        while (!closed) {
            try {
                perform(work.take());
            } catch (InterruptedException strange) {
                LOG.warn("somebody interrupts the dry run", strange);
            }
        }
        for (Runnable left = work.poll(); left != null; left = work.poll()) {
            perform(left);
        }
    }

    private static void nothing() {
        // It only wakes the thread.
    }

    private static void perform(Runnable piece) {
        try {
            piece.run();
        } catch (Throwable failed) {
            // Errors as well: what waits behind it is done all the same.
            LOG.error("a request could not be looked into", failed);
        }
    }
}
