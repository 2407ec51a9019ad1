// SPDX-License-Identifier: Apache-2.0
// What became of helpers, as the valve has seen it, and how long they took.
package io.github.tomcatselinux.metrics;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.ProgramConnection.Exit;
import io.github.tomcatselinux.launcher.ProgramConnection.Limit;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/** For JMX: nothing depends on it. Any thread may count. */
public final class HelperNumbers {
    /** What can become of a helper. */
    public enum Fate {
        /** It was forked, confined itself, and was given a request; for a program, too. */
        TAKEN,
        /** It, or the launcher, refused what was asked, such as a context that it could not take. */
        REFUSED,
        /** There was none, or it was gone before the request was done: crashed, killed, or out of a time of its own. */
        LOST,
        /** It, or its program, said nothing for too long, or took too long in all. */
        TIMED_OUT,
        /** A signal ended its program, or it: of helpers only a launcher that is the JVM's child says so. */
        CRASHED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** In the words of the launcher. */
    private static final Pattern CRASH = Pattern.compile("helper \\d+ crashed: signal ");

    private final Map<Fate, LongAdder> fates = new EnumMap<>(Fate.class);
    private final Histogram queue = new Histogram();
    private final Histogram start = new Histogram();
    private final Histogram use = new Histogram();

    /** Nothing happened yet. */
    public HelperNumbers() {
        for (Fate fate : Fate.values()) {
            fates.put(fate, new LongAdder());
        }
    }

    /**
     * One was taken, just now.
     *
     * @param asked when the request began to wait for one, by {@code System.nanoTime}
     * @param admitted when there might be one more
     */
    public void taken(long asked, long admitted) {
        fates.get(Fate.TAKEN).increment();
        queue.add(admitted - asked);
        start.add(System.nanoTime() - admitted);
    }

    /** A request had to end because of its helper, or because it got none. */
    public void failed(HelperException failed) {
        switch (failed.reason()) {
            case REFUSED -> fates.get(Fate.REFUSED).increment();
            case UNAVAILABLE -> {
                Throwable cause = failed.getCause();
                if (cause instanceof AsynchronousCloseException) {
                    fates.get(Fate.TIMED_OUT).increment();
                } else if (cause instanceof IOException) {
                    fates.get(Fate.LOST).increment();
                }
            }
            case OVERLOADED -> {
                // There was nothing wrong with any of them.
            }
        }
    }

    /** A program has ended. */
    public void exited(Exit exit) {
        if (exit.limit() == Limit.TIME || exit.limit() == Limit.SILENCE) {
            fates.get(Fate.TIMED_OUT).increment();
        } else if (exit.killed()) {
            fates.get(Fate.CRASHED).increment();
        }
    }

    /** The launcher has said something. */
    public void said(String line) {
        if (CRASH.matcher(line).find()) {
            fates.get(Fate.CRASHED).increment();
        }
    }

    /** How many met this fate. */
    public long count(Fate fate) {
        return fates.get(fate).sum();
    }

    /** How long requests waited until there might be one more helper. */
    public Histogram queue() {
        return queue;
    }

    /** How long it took from there until one had been forked and confined. */
    public Histogram start() {
        return start;
    }

    /** For how long a request then had it. */
    public Histogram use() {
        return use;
    }
}
