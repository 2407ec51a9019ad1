// SPDX-License-Identifier: Apache-2.0
// Threads that are started before a request needs them.
package io.github.tomcatselinux.threads;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * To start a thread takes longer than many a request. Where each request has one of its own, a few are started ahead, by a
 * thread of the server's: they have the server's context, have seen nothing, and wait. None is started before the first is
 * asked for.
 */
final class Spares {
    /** How many wait. Where requests come faster than threads can be started, more would be used up as well. */
    private static final int MOST = 4;

    private final Supplier<ConfinedThread> births;
    private final Deque<ConfinedThread> waiting = new ArrayDeque<>();
    private Optional<Thread> maker = Optional.empty();
    private int missing = MOST;

    /** Whether the last one did not come about: then there is no other before somebody asks again. */
    private boolean failed;

    private boolean closed;

    /** Starts none. */
    Spares(Supplier<ConfinedThread> births) {
        this.births = births;
    }

    /** One that waits; empty if there is none at the moment. To be called by a thread of the server's. */
    synchronized Optional<ConfinedThread> take() {
        if (closed) {
            return Optional.empty();
        }
        if (maker.isEmpty()) {
            maker = startMaker();
        }
        Optional<ConfinedThread> taken = Optional.ofNullable(waiting.poll());
        missing += taken.isPresent() ? 1 : 0;
        failed = false;
        notifyAll();
        return taken;
    }

    /** Told by one that waits from now on. */
    synchronized void add(ConfinedThread spare) {
        if (closed) {
            spare.dismiss();
        } else {
            waiting.add(spare);
        }
    }

    /** Told by one that can take no context, and ends. */
    synchronized void lost() {
        missing++;
        failed = true;
    }

    /** Ends all, and starts no more; those that are about to end are returned. */
    synchronized List<Thread> close() {
        closed = true;
        notifyAll();
        waiting.forEach(ConfinedThread::dismiss);
        List<Thread> leaving = new ArrayList<>(waiting);
        maker.ifPresent(leaving::add);
        waiting.clear();
        return leaving;
    }

    private Optional<Thread> startMaker() {
        Thread thread = new Thread(null, this::make, "tomcat-selinux-spares", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Spares.class.getClassLoader());
        try {
            thread.start();
            return Optional.of(thread);
        } catch (OutOfMemoryError none) {
            // Whoever asks starts a thread for itself, and finds out what is the matter.
            return Optional.empty();
        }
    }

    private void make() {
        try {
            while (isWanted()) {
                try {
                    births.get().start();
                } catch (OutOfMemoryError none) {
                    lost();
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until another is wanted; false if none will be. */
    private synchronized boolean isWanted() throws InterruptedException {
        while (!closed && (missing == 0 || failed)) {
            wait();
        }
        missing--;
        return !closed;
    }
}
