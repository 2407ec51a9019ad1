// SPDX-License-Identifier: Apache-2.0
// How long something took, over many times.
package io.github.tomcatselinux.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts times in fixed buckets, four to each doubling, from a microsecond to an hour: no number is more than a quarter too
 * large. Nothing is allocated and nobody waits. What is read while others count may lack the last of it.
 */
public final class Histogram {
    /** Bits of a time that tell buckets of one doubling apart. */
    private static final int FINE_BITS = 2;

    private static final int FINE = 1 << FINE_BITS;
    private static final int DOUBLINGS = 32;

    private final LongAdder[] buckets = new LongAdder[DOUBLINGS * FINE];
    private final LongAdder total = new LongAdder();

    /** Nothing was counted yet. */
    public Histogram() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** Counts one time. */
    public void add(long nanoseconds) {
        long microseconds = TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanoseconds));
        buckets[bucket(microseconds)].increment();
        total.add(microseconds);
    }

    /** How many there were. */
    public long count() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    /** Microseconds of all of them. */
    public long total() {
        return total.sum();
    }

    /**
     * Microseconds that so many of them did not take longer than; 0 if there were none.
     *
     * @param share such as 0.99
     */
    public long quantile(double share) {
        long wanted = (long) Math.ceil(count() * share);
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i].sum();
            if (seen >= wanted && seen > 0) {
                return highest(i);
            }
        }
        return 0;
    }

    private static int bucket(long microseconds) {
        if (microseconds < FINE) {
            return (int) microseconds;
        }
        int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(microseconds);
        int fine = (int) (microseconds >>> (doubling - FINE_BITS)) - FINE;
        return Math.min((doubling - 1) * FINE + fine, DOUBLINGS * FINE - 1);
    }

    /** The longest time of a bucket. */
    private static long highest(int bucket) {
        if (bucket < FINE) {
            return bucket;
        }
        int shift = bucket / FINE - 1;
        return ((long) (FINE + bucket % FINE + 1) << shift) - 1;
    }
}
