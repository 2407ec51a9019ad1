// SPDX-License-Identifier: Apache-2.0
// Lets requests through to the launcher, no more at a time than the limits allow.
package io.github.tomcatselinux;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.tomcat.util.res.StringManager;

/**
 * Counts the helpers in use, in all and for each context. A request over a ceiling waits in a bounded queue, in which
 * one context may take no more than its share of helpers: a flood for one context leaves room for the others.
 */
final class Admission {
    private static final StringManager SM = StringManager.getManager(Admission.class);

    private final Limits limits;
    private final Spare spare;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Map<String, Use> uses = new HashMap<>();
    private int running;
    private int waiting;

    Admission(Limits limits, Spare spare) {
        this.limits = limits;
        this.spare = spare;
    }

    /** Helpers that are in use and have nothing to do. */
    interface Spare {
        /** Ends one of them, of that context if one is given, and gives its leave back; false if there is none. */
        boolean giveUp(Optional<String> context);
    }

    /** Leave to use one helper; closing it gives the leave back. */
    interface Permit extends AutoCloseable {
        /** Whether there was a wait for it: what was true before may have changed. */
        boolean waited();

        @Override
        void close();
    }

    /**
     * Waits until a helper of this context may be taken.
     *
     * @throws HelperException if the queue is full, or the wait was too long
     */
    Permit enter(String context) throws HelperException {
        lock.lock();
        try {
            Use use = uses.computeIfAbsent(context, name -> new Use());
            boolean waits = isFull(context, use);
            if (waits) {
                await(context, use);
            }
            // To end an idle helper of this context may have forgotten it.
            uses.putIfAbsent(context, use);
            running++;
            use.running++;
            return new Leave(context, waits);
        } finally {
            tidy(context);
            lock.unlock();
        }
    }

    /** Whether a request would have to wait for another one's end. */
    boolean isAwaited() {
        return waiting() > 0;
    }

    /** How many leaves are given. */
    int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** The same by context; only contexts that have any. */
    Map<String, Integer> byContext() {
        lock.lock();
        try {
            Map<String, Integer> contexts = new TreeMap<>();
            uses.forEach((context, use) -> {
                if (use.running > 0) {
                    contexts.put(context, use.running);
                }
            });
            return contexts;
        } finally {
            lock.unlock();
        }
    }

    /** How many requests wait for one. */
    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull(String context, Use use) {
        boolean more = true;
        while (more && use.running >= limits.maxPerContext()) {
            more = spare.giveUp(Optional.of(context));
        }
        while (more && running >= limits.maxHelpers()) {
            more = spare.giveUp(Optional.empty());
        }
        return !more;
    }

    private void await(String context, Use use) throws HelperException {
        if (waiting >= limits.maxQueue() || use.waiting >= limits.maxPerContext()) {
            throw overloaded("admission.queueFull", context);
        }
        waiting++;
        use.waiting++;
        try {
            long left = limits.requestTimeout().toNanos();
            while (isFull(context, use)) {
                if (left <= 0) {
                    throw overloaded("admission.tooLong", context);
                }
                left = freed.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HelperException(Reason.UNAVAILABLE, SM.getString("admission.interrupted"), interrupted);
        } finally {
            waiting--;
            use.waiting--;
        }
    }

    private HelperException overloaded(String key, String context) {
        return new HelperException(
                Reason.OVERLOADED,
                SM.getString(key, context, String.valueOf(running), String.valueOf(waiting), limits.requestTimeout()));
    }

    /** Forgets a context that nobody uses. */
    private void tidy(String context) {
        uses.computeIfPresent(context, (name, use) -> use.running == 0 && use.waiting == 0 ? null : use);
    }

    private static final class Use {
        private int running;
        private int waiting;
    }

    private final class Leave implements Permit {
        private final String context;
        private final boolean waited;
        private boolean used = true;

        Leave(String context, boolean waited) {
            this.context = context;
            this.waited = waited;
        }

        @Override
        public boolean waited() {
            return waited;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (used) {
                    used = false;
                    running--;
                    uses.get(context).running--;
                    tidy(context);
                    freed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
