// SPDX-License-Identifier: Apache-2.0
// Asks elsewhere for the contexts of users, and waits neither long nor in a crowd.
package io.github.tomcatselinux.identities;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.apache.tomcat.util.res.StringManager;

/**
 * What a source says of a user is kept for a while, and for so many users. What is older is never used, whatever has
 * become of the source: then there is no context. The threads that ask are the server's, made before anybody asks, so
 * that none of them, nor a connection that they open, has the context of a request.
 */
public final class Lookup implements AutoCloseable {
    private static final StringManager SM = StringManager.getManager(Lookup.class);

    /** How many questions may wait for each thread; whoever comes then is told at once that there is no answer. */
    private static final int QUEUE = 16;

    /** Where contexts come from. */
    public interface Source extends AutoCloseable {
        /**
         * Asks about one user; called by several threads.
         *
         * @throws Exception if the source does not answer, or not to the question
         */
        Supplied ask(String user) throws Exception;

        /** What the log and JMX call it. */
        @Override
        String toString();

        /** Ends its connections. */
        @Override
        default void close() {
            // Most have none of their own.
        }
    }

    /**
     * The limits.
     *
     * @param patience how long a request waits for an answer
     * @param threads how many questions are asked at a time
     * @param cacheSize for how many users answers are kept
     * @param cacheAge for how long; zero for not at all
     */
    public record Limits(Duration patience, int threads, int cacheSize, Duration cacheAge) {}

    private record Kept(Supplied answer, long asked) {}

    private final Source source;
    private final Limits limits;
    private final ThreadPoolExecutor threads;
    private final Map<String, Kept> cache;
    private final LongAdder hits = new LongAdder();
    private final LongAdder questions = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder withoutContext = new LongAdder();

    /** When all answers were forgotten last, guarded by {@link #cache}. */
    private long cleared = System.nanoTime();

    /** Starts the threads. */
    public Lookup(Source source, Limits limits) {
        this.source = source;
        this.limits = limits;
        this.threads = new ThreadPoolExecutor(
                limits.threads(),
                limits.threads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(limits.threads() * QUEUE),
                Lookup::thread);
        threads.prestartAllCoreThreads();
        this.cache = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
                return size() > limits.cacheSize();
            }
        };
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "tomcat-selinux-lookup");
        thread.setDaemon(true);
        // Not that of the application that happens to start, which would live on with the thread.
        thread.setContextClassLoader(Lookup.class.getClassLoader());
        return thread;
    }

    /** What the source says of a user, or has said a moment ago. */
    public Supplied of(String user) {
        Optional<Supplied> known = known(user);
        if (known.isPresent()) {
            hits.increment();
            return known.get();
        }
        questions.increment();
        long asked = System.nanoTime();
        Supplied answer = ask(user);
        if (answer instanceof Supplied.None none) {
            (none.passing() ? failures : withoutContext).increment();
        }
        if (!(answer instanceof Supplied.None none && none.passing())) {
            keep(user, new Kept(answer, asked));
        }
        return answer;
    }

    private void keep(String user, Kept kept) {
        synchronized (cache) {
            // What the source said before is what was to be forgotten.
            if (kept.asked() - cleared >= 0) {
                cache.put(user, kept);
            }
        }
    }

    private Supplied ask(String user) {
        Future<Supplied> answer;
        try {
            answer = threads.submit(() -> source.ask(user));
        } catch (RejectedExecutionException crowd) {
            return failed(SM.getString("lookup.crowd"));
        }
        try {
            return answer.get(limits.patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            return failed(String.valueOf(failed.getCause()));
        } catch (TimeoutException late) {
            answer.cancel(true);
            return failed(SM.getString("lookup.late", limits.patience().toSeconds()));
        } catch (InterruptedException interrupted) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            return failed(SM.getString("lookup.interrupted"));
        }
    }

    private Supplied failed(String why) {
        return new Supplied.None(SM.getString("lookup.failed", source, why), true);
    }

    private Optional<Supplied> known(String user) {
        synchronized (cache) {
            Kept kept = cache.get(user);
            if (kept == null) {
                return Optional.empty();
            }
            if (System.nanoTime() - kept.asked() >= limits.cacheAge().toNanos()) {
                cache.remove(user);
                return Optional.empty();
            }
            return Optional.of(kept.answer());
        }
    }

    /** Forgets all answers, those to questions that are being asked included. */
    public void clear() {
        synchronized (cache) {
            cleared = System.nanoTime();
            cache.clear();
        }
    }

    /** What is asked. */
    public String source() {
        return source.toString();
    }

    /** For how many users an answer is kept, the ones that are too old included until somebody asks for them. */
    public int kept() {
        synchronized (cache) {
            return cache.size();
        }
    }

    /** How many answers came from what was kept. */
    public long hits() {
        return hits.sum();
    }

    /** How many questions there were for the source. */
    public long questions() {
        return questions.sum();
    }

    /** How many of them it did not answer. */
    public long failures() {
        return failures.sum();
    }

    /** To how many of them its answer was no context. */
    public long withoutContext() {
        return withoutContext.sum();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        source.close();
    }
}
