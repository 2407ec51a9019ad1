// SPDX-License-Identifier: Apache-2.0
// One task on its way from a thread of the server's to a confined one and back.
package io.github.tomcatselinux.threads;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The giver waits until the taker is done. Meanwhile it runs errands for it: what only a thread of the server's may do,
 * such as to connect to the launcher. Whoever interrupts the giver interrupts the taker.
 */
final class Handover {
    /** How often the giver lets others run before it sleeps. What is soon done is done by then, and it need not be woken. */
    private static final int YIELDS = 3;

    private final String name;
    private final Task task;
    private final Thread giver = Thread.currentThread();

    private volatile ConfinedThread taker;
    private volatile Asked<?> asked;
    private volatile boolean done;

    /** Written before {@link #done}. */
    private Optional<Throwable> thrown = Optional.empty();

    private boolean interrupted;

    /** A task of the calling thread, which has to {@link #await} it. */
    Handover(String name, Task task) {
        this.name = name;
        this.task = task;
    }

    String name() {
        return name;
    }

    /** Says who does it; before that thread is told. */
    void takenBy(ConfinedThread thread) {
        taker = thread;
    }

    /** For the giver: returns, or throws, what the task did. */
    // The hint is a matter of speed only: nothing depends on it.
    @SuppressWarnings("ThreadPriorityCheck")
    void await() throws IOException, ServletException {
        int yields = 0;
        while (!done) {
            Asked<?> next = asked;
            if (next != null) {
                asked = null;
                next.run();
                LockSupport.unpark(taker);
            } else if (yields < YIELDS) {
                yields++;
                Thread.yield();
            } else {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    passInterrupt();
                }
            }
        }
        if (interrupted) {
            giver.interrupt();
        }
        if (thrown.isPresent()) {
            rethrow(thrown.get());
        }
    }

    /** For the taker: does the task, and gives back whatever was thrown. */
    Optional<Throwable> attempt() {
        try {
            task.run();
            return Optional.empty();
        } catch (Throwable failed) {
            // Errors as well: the giver throws them again.
            return Optional.of(failed);
        }
    }

    /** For the taker, at the very end: the request is no longer its own. */
    void end(Optional<Throwable> failed) {
        synchronized (this) {
            thrown = failed;
            // What a task has left of an interrupt belongs to the thread that the request came on.
            interrupted |= Thread.interrupted();
            done = true;
        }
        Wakeup.of(giver);
    }

    /** For the taker: has the giver do something, and waits for it. */
    <T> T ask(Errand<T> errand) throws IOException, ServletException {
        Asked<T> mine = new Asked<>(errand);
        asked = mine;
        Wakeup.of(giver);
        boolean interruptedMeanwhile = false;
        while (!mine.done) {
            LockSupport.park(mine);
            interruptedMeanwhile |= Thread.interrupted();
        }
        if (interruptedMeanwhile) {
            Thread.currentThread().interrupt();
        }
        if (mine.thrown.isPresent()) {
            rethrow(mine.thrown.get());
        }
        return mine.result;
    }

    private synchronized void passInterrupt() {
        if (done) {
            interrupted = true;
        } else {
            taker.interrupt();
        }
    }

    private static void rethrow(Throwable failed) throws IOException, ServletException {
        if (failed instanceof IOException broken) {
            throw broken;
        }
        if (failed instanceof ServletException wrong) {
            throw wrong;
        }
        if (failed instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        if (failed instanceof Error fatal) {
            throw fatal;
        }
        // Thrown by code that hides from the compiler what it throws.
        throw new ServletException(failed);
    }

    private static final class Asked<T> {
        private final Errand<T> errand;
        private T result;
        private Optional<Throwable> thrown = Optional.empty();
        private volatile boolean done;

        Asked(Errand<T> errand) {
            this.errand = errand;
        }

        void run() {
            try {
                result = errand.run();
            } catch (Throwable failed) {
                // Errors as well: the taker throws them again.
                thrown = Optional.of(failed);
            }
            done = true;
        }
    }
}
