// SPDX-License-Identifier: Apache-2.0
// A platform thread that has a context of its own for as long as it lives.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waits for a first task, takes the context for it before anything else, does one task after another, and ends. */
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

        /** Told by a thread that serves nobody yet, and waits to be given its first task. */
        void isSpare(ConfinedThread thread);

        /** Told by such a thread if it could take no context, and ends. */
        void isUnfit(ConfinedThread thread);

        /** Told when it will do nothing more, unless it was dismissed. */
        void ended(ConfinedThread thread);
    }

    /** What a thread is called that serves nobody yet. */
    static final String SPARE = "tomcat-selinux-spare";

    private final Home home;
    private final Switch contexts;
    private final Duration idle;
    private Key key;
    private volatile Handover next;
    private volatile boolean dismissed;
    private Handover current;

    /** A thread without a context, which does nothing before {@link #begin}. */
    ConfinedThread(Home home, Switch contexts, Duration idle) {
        super(null, null, SPARE, 0, false);
        this.home = home;
        this.contexts = contexts;
        this.idle = idle;
        setDaemon(true);
        setContextClassLoader(ConfinedThread.class.getClassLoader());
    }

    /** Says, once, whom the thread serves, and gives it the first task; before it is started, or once it is spare. */
    void begin(Key servant, Handover first) {
        // Seen by the thread as it sees the task.
        key = servant;
        give(first);
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

    /** Ends a thread that was idle or spare and has been taken out. */
    void dismiss() {
        dismissed = true;
        LockSupport.unpark(this);
    }

    @Override
    public void run() {
        Handover first;
        try (Switch.Ready ready = contexts.prepare()) {
            if (next == null) {
                home.isSpare(this);
            }
            first = first();
            if (first == null) {
                return;
            }
            setName(first.name());
            ready.take(key.context());
        } catch (HelperException | RuntimeException | Error refused) {
            refuse(refused);
            return;
        }
        serve(first);
    }

    private void serve(Handover first) {
        Handover task = first;
        int tasks = 0;
        while (task != null) {
            next = null;
            current = task;
            setName(task.name());
            Optional<Throwable> failed = task.attempt();
            current = null;
            tasks++;
            boolean more = false;
            try {
                more = home.rests(this, tasks);
            } finally {
                // Whoever is told that it is done may find this thread idle, or its place free, already.
                leave(more, task, failed);
            }
            task = more ? await() : null;
        }
    }

    /** Memory may have run out: the giver is told all the same, or would wait for ever. */
    private void leave(boolean more, Handover task, Optional<Throwable> failed) {
        try {
            if (!more) {
                home.ended(this);
            }
        } finally {
            task.end(failed);
        }
    }

    private void refuse(Throwable why) {
        Handover task = next;
        if (task == null) {
            home.isUnfit(this);
        } else {
            home.ended(this);
            task.end(Optional.of(why));
        }
    }

    /** The first task; null if there comes none. */
    private Handover first() {
        while (next == null && !dismissed) {
            LockSupport.park(this);
        }
        return next;
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
