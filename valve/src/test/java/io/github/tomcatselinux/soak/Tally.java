// SPDX-License-Identifier: Apache-2.0
// Counts what came, and what each fault has cost.
package io.github.tomcatselinux.soak;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What the clients report, and who struck when. Times are those of {@link System#nanoTime}. */
final class Tally {
    private static final int EXAMPLES = 20;
    /** Beyond that nobody wants to know when each was. */
    private static final int MOST_FAILURES = 100_000;

    /** An error, and from when to when its request was on its way. */
    private record Failure(long from, long to, String what) {}

    /** From its beginning until everything was as before. */
    private record Fault(String kind, long from, long to, long recovery) {}

    private final List<Failure> failures = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private final Map<String, Long> right = new TreeMap<>();
    private final Map<String, Integer> failed = new TreeMap<>();
    private final Map<String, Long> recovering = new TreeMap<>();
    private long recoveringSince = Long.MAX_VALUE;
    private long requests;
    private long wrong;

    /** One answer, or none. */
    synchronized void answered(String lane, long from, Verdict verdict, String what) {
        long now = System.nanoTime();
        requests++;
        switch (verdict) {
            case RIGHT -> {
                right.merge(lane, 1L, Long::sum);
                if (from >= recoveringSince) {
                    recovering.putIfAbsent(lane, now);
                    notifyAll();
                }
            }
            case FAILED -> {
                failed.merge(lane + ": " + what.replaceFirst("^.* got ", ""), 1, Integer::sum);
                if (failures.size() < MOST_FAILURES) {
                    failures.add(new Failure(from, now, what));
                }
            }
            case WRONG -> {
                wrong++;
                if (examples.size() < EXAMPLES) {
                    examples.add(what);
                }
            }
        }
    }

    /**
     * To be called when what caused a fault is over: waits until everything was served again, by requests that began
     * after that.
     *
     * @param from when it began
     * @param lanes what has to be served
     * @param patience after how many seconds this gives up
     * @return the lanes that were not
     */
    synchronized Set<String> recover(String kind, long from, List<String> lanes, int patience)
            throws InterruptedException {
        long over = System.nanoTime();
        recovering.clear();
        recoveringSince = over;
        long left = TimeUnit.SECONDS.toNanos(patience);
        while (!recovering.keySet().containsAll(lanes) && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = TimeUnit.SECONDS.toNanos(patience) - (System.nanoTime() - over);
        }
        long last =
                recovering.values().stream().mapToLong(Long::longValue).max().orElse(over);
        recoveringSince = Long.MAX_VALUE;
        Set<String> missing = new TreeSet<>(lanes);
        missing.removeAll(recovering.keySet());
        long now = System.nanoTime();
        faults.add(new Fault(kind, from, now, missing.isEmpty() ? last - over : now - over));
        return missing;
    }

    synchronized long wrong() {
        return wrong;
    }

    synchronized long requests() {
        return requests;
    }

    /** Answers as they had to be, by lane. */
    synchronized Map<String, Long> right() {
        return new TreeMap<>(right);
    }

    /** Errors by lane and status. */
    synchronized Map<String, Integer> failed() {
        return new TreeMap<>(failed);
    }

    /** The first wrong answers in words. */
    synchronized List<String> examples() {
        return List.copyOf(examples);
    }

    /** Errors of requests that were on their way during no fault. */
    synchronized List<String> unexplained() {
        return failures.stream()
                .filter(failure -> faults.stream().noneMatch(fault -> overlap(failure, fault)))
                .map(Failure::what)
                .toList();
    }

    /** For each kind of fault: how often, how many errors, and the recoveries in seconds. */
    synchronized Map<String, Object> faults() {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String kind : new TreeSet<>(faults.stream().map(Fault::kind).toList())) {
            List<Fault> these =
                    faults.stream().filter(fault -> fault.kind().equals(kind)).toList();
            long errors = failures.stream()
                    .filter(failure -> these.stream().anyMatch(fault -> overlap(failure, fault)))
                    .count();
            double[] recoveries = these.stream()
                    .mapToDouble(fault -> fault.recovery() / (double) TimeUnit.SECONDS.toNanos(1))
                    .sorted()
                    .toArray();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("times", these.size());
            one.put("errors", errors);
            one.put("recoveryMedianSeconds", recoveries[recoveries.length / 2]);
            one.put("recoveryMostSeconds", recoveries[recoveries.length - 1]);
            all.put(kind, one);
        }
        return all;
    }

    private static boolean overlap(Failure failure, Fault fault) {
        return failure.from() <= fault.to() && failure.to() >= fault.from();
    }
}
