// SPDX-License-Identifier: Apache-2.0
// A platform thread that has a context of its own for as long as it lives.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Takes its context before anything else, does one task after another, and ends. */
final class ConfinedThread extends Thread {
    /**
     * Whom a thread serves.
     *
     * @param application the only one
     * @param context which it is in
     */
    record Key(Object application, String context) {}

    /** What a thread needs of the pool that it belongs to. */
    interface Home {
        /** Whether a thread that has done so many tasks goes on: then it is idle now, and may be given the next at once. */
        boolean rests(ConfinedThread thread, int tasks);

        /** Takes an idle thread out; false if somebody has taken it, who will give it a task. */
        boolean leaves(ConfinedThread thread);

        /** Told when it will do nothing more, unless it was dismissed. */
        void ended(ConfinedThread thread);
    }

    private final Home home;
    private final Key key;
    private final Switch contexts;
    private final Duration idle;
    private volatile Handover next;
    private volatile boolean dismissed;
    private Handover current;

    /** A thread for a first task; it has no context before it is started. */
    ConfinedThread(Home home, Key key, Switch contexts, Duration idle, Handover first) {
        super(null, null, first.name(), 0, false);
        this.home = home;
        this.key = key;
        this.contexts = contexts;
        this.idle = idle;
        this.next = first;
        first.takenBy(this);
        setDaemon(true);
        setContextClassLoader(ConfinedThread.class.getClassLoader());
    }

    /**
     * Has the thread of the server's that waits for the calling one do something; where the calling thread is itself one of
     * the server's, it does that itself.
     */
    static <T> T onServer(Errand<T> errand) throws IOException, ServletException {
        return isCurrent() ? ((ConfinedThread) currentThread()).current.ask(errand) : errand.run();
    }

    /** Whether the calling thread is confined. */
    static boolean isCurrent() {
        return currentThread() instanceof ConfinedThread;
    }

    /** Whom the calling thread serves, if it is confined. */
    static Optional<Key> currentKey() {
        return currentThread() instanceof ConfinedThread confined ? Optional.of(confined.key) : Optional.empty();
    }

    Key key() {
        return key;
    }

    /** Gives a thread that was idle its next task. */
    void give(Handover task) {
        task.takenBy(this);
        next = task;
        LockSupport.unpark(this);
    }

    /** Ends a thread that was idle and has been taken out. */
    void dismiss() {
        dismissed = true;
        LockSupport.unpark(this);
    }

    @Override
    public void run() {
        Handover task = next;
        try {
            contexts.take(key.context());
        } catch (HelperException | RuntimeException | Error refused) {
            home.ended(this);
            task.end(Optional.of(refused));
            return;
        }
        int tasks = 0;
        while (task != null) {
            next = null;
            current = task;
            setName(task.name());
            Optional<Throwable> failed = task.attempt();
            current = null;
            tasks++;
            boolean more = home.rests(this, tasks);
            if (!more) {
                home.ended(this);
            }
            // Whoever is told that it is done may find this thread idle, or its place free, already.
            task.end(failed);
            task = more ? await() : null;
        }
    }

    /** The next task; null if there comes none. */
    private Handover await() {
        long due = System.nanoTime() + idle.toNanos();
        boolean leaving = false;
        while (next == null && !dismissed) {
            if (leaving) {
                // Somebody was faster, and will say what for.
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, due - System.nanoTime());
                leaving = due - System.nanoTime() <= 0;
                if (leaving && home.leaves(this)) {
                    home.ended(this);
                    return null;
                }
            }
        }
        return next;
    }
}
