// SPDX-License-Identifier: Apache-2.0
// The confined threads of one valve's applications.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs what a request's pipeline still has to do on a thread that took the request's context. A thread belongs to one
 * application and one context for as long as it lives; it is never given back to anybody else. Where there is no such
 * thread the request fails: it is never run on the thread that it came on.
 */
public final class ConfinedThreads implements AutoCloseable {

    /** How long an application that stops waits for threads that have nothing to do. */
    private static final Duration END_PATIENCE = Duration.ofSeconds(5);

    private final Settings settings;
    private final Switch contexts;
    private final Leave leave;
    private final ConfinedThread.Home home = new Home();
    private final Spares spares = new Spares(this::spare);

    /** Applications that may have threads. */
    private final Set<Object> open = new HashSet<>();

    /** Threads with nothing to do, the last to have come first. */
    private final Map<ConfinedThread.Key, Deque<ConfinedThread>> idle = new HashMap<>();

    /** Every thread, with the leave that it was started by. Leaves are taken and given back outside of our lock. */
    private final Map<ConfinedThread, Leave.Permit> alive = new HashMap<>();

    /**
     * How long a thread lives.
     *
     * @param requests how many it serves at most; 1 for a thread of its own for each
     * @param idle how long it waits for the next
     */
    public record Settings(int requests, Duration idle) {}

    /** Starts no thread yet. */
    public ConfinedThreads(Settings settings, Switch contexts, Leave leave) {
        this.settings = settings;
        this.contexts = contexts;
        this.leave = leave;
    }

    /** Whether the calling thread is confined. */
    public static boolean isCurrent() {
        return ConfinedThread.isCurrent();
    }

    /** The context that the calling thread has taken, if it is confined. */
    public static Optional<String> currentContext() {
        return ConfinedThread.currentKey().map(ConfinedThread.Key::context);
    }

    /**
     * Has the thread of the server's from which the calling one took its task do something, and waits for it. Where the
     * calling thread is one of the server's, it does that itself.
     */
    public static <T> T onServer(Errand<T> errand) throws IOException, ServletException {
        return ConfinedThread.onServer(errand);
    }

    /**
     * Runs a task on a thread of an application and a context, and waits for it.
     *
     * @param name the thread's for as long as it lasts; the kernel's records have its first 15 characters as {@code comm}
     * @throws HelperException if there is no such thread, or it could not take the context
     */
    public void run(Object application, String context, String name, Task task) throws IOException, ServletException {
        Wakeup.prepare(Thread.currentThread());
        Handover handover = new Handover(name, task);
        ConfinedThread.Key key = new ConfinedThread.Key(application, context);
        Optional<ConfinedThread> resting = take(key);
        if (resting.isPresent()) {
            resting.get().give(handover);
        } else {
            start(key, handover);
        }
        handover.await();
    }

    /** Lets an application have threads. */
    public synchronized void begin(Object application) {
        open.add(application);
    }

    /** Ends the threads of an application: the idle ones before this returns, the others when they are done. */
    public void end(Object application) {
        List<ConfinedThread> resting = new ArrayList<>();
        synchronized (this) {
            open.remove(application);
            idle.forEach((key, threads) -> {
                if (key.application() == application) {
                    resting.addAll(threads);
                }
            });
            idle.keySet().removeIf(key -> key.application() == application);
        }
        resting.forEach(this::dismiss);
        await(resting);
    }

    /** Ends an idle thread, of that context if one is given; false if there is none. */
    public boolean giveUp(Optional<String> context) {
        Optional<ConfinedThread> found;
        synchronized (this) {
            found = idle.entrySet().stream()
                    .filter(entry -> context.isEmpty()
                            || context.get().equals(entry.getKey().context()))
                    .map(entry -> entry.getValue().peekLast())
                    .findFirst();
            found.ifPresent(this::remove);
        }
        found.ifPresent(this::dismiss);
        return found.isPresent();
    }

    /** How many threads there are, idle ones included. */
    public synchronized int size() {
        return alive.size();
    }

    /** The same by the context that they are in. */
    public synchronized Map<String, Integer> byContext() {
        Map<String, Integer> contexts = new TreeMap<>();
        alive.keySet().forEach(thread -> contexts.merge(thread.key().context(), 1, Integer::sum));
        return contexts;
    }

    @Override
    public void close() {
        List<Object> all;
        synchronized (this) {
            all = List.copyOf(open);
        }
        all.forEach(this::end);
        await(spares.close());
    }

    private synchronized Optional<ConfinedThread> take(ConfinedThread.Key key) throws HelperException {
        requireOpen(key);
        Deque<ConfinedThread> resting = idle.get(key);
        Optional<ConfinedThread> taken = Optional.ofNullable(resting).map(Deque::pop);
        tidy(key);
        return taken;
    }

    private void start(ConfinedThread.Key key, Handover handover) throws HelperException {
        Leave.Permit permit = leave.enter(key.context());
        Optional<ConfinedThread> spare = settings.requests() == 1 ? spares.take() : Optional.empty();
        ConfinedThread thread = spare.orElseGet(this::spare);
        try {
            synchronized (this) {
                // The wait may have been long.
                requireOpen(key);
                alive.put(thread, permit);
            }
        } catch (HelperException stopping) {
            permit.close();
            thread.dismiss();
            throw stopping;
        }
        thread.begin(key, handover);
        if (spare.isPresent()) {
            return;
        }
        try {
            thread.start();
        } catch (OutOfMemoryError none) {
            forget(thread);
            throw new HelperException(
                    Reason.UNAVAILABLE, "the system has no thread to give: " + none.getMessage(), none);
        }
    }

    private ConfinedThread spare() {
        return new ConfinedThread(home, contexts, settings.idle());
    }

    private synchronized boolean rest(ConfinedThread thread) {
        boolean wanted = open.contains(thread.key().application());
        if (wanted) {
            idle.computeIfAbsent(thread.key(), key -> new ArrayDeque<>()).push(thread);
        }
        return wanted;
    }

    private synchronized boolean remove(ConfinedThread thread) {
        Deque<ConfinedThread> resting = idle.get(thread.key());
        boolean found = resting != null && resting.remove(thread);
        tidy(thread.key());
        return found;
    }

    private void forget(ConfinedThread thread) {
        Leave.Permit permit;
        synchronized (this) {
            permit = alive.remove(thread);
        }
        if (permit != null) {
            permit.close();
        }
    }

    private void requireOpen(ConfinedThread.Key key) throws HelperException {
        if (!open.contains(key.application())) {
            throw new HelperException(Reason.UNAVAILABLE, "the application is stopping");
        }
    }

    private void tidy(ConfinedThread.Key key) {
        idle.computeIfPresent(key, (same, resting) -> resting.isEmpty() ? null : resting);
    }

    private void dismiss(ConfinedThread thread) {
        forget(thread);
        thread.dismiss();
    }

    private static void await(List<? extends Thread> threads) {
        long due = System.nanoTime() + END_PATIENCE.toNanos();
        try {
            for (Thread thread : threads) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, due - System.nanoTime()));
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Home implements ConfinedThread.Home {
        @Override
        public boolean rests(ConfinedThread thread, int tasks) {
            if (tasks >= settings.requests() || leave.isAwaited() || !rest(thread)) {
                return false;
            }
            if (leave.isAwaited()) {
                // Whoever began to wait in between has not seen it.
                giveUp(Optional.empty());
            }
            return true;
        }

        @Override
        public boolean leaves(ConfinedThread thread) {
            return remove(thread);
        }

        @Override
        public void isSpare(ConfinedThread thread) {
            spares.add(thread);
        }

        @Override
        public void isUnfit(ConfinedThread thread) {
            spares.lost();
        }

        @Override
        public void ended(ConfinedThread thread) {
            forget(thread);
        }
    }
}
