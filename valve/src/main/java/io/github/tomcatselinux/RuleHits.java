// SPDX-License-Identifier: Apache-2.0
// Which rules have decided requests, how often and when last.
package io.github.tomcatselinux;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Of the rules in force, since they came into force. Kept apart from them: they never change. */
final class RuleHits {
    private volatile Map<String, Hits> rules = new ConcurrentHashMap<>();

    private static final class Hits {
        private final LongAdder number = new LongAdder();
        private volatile long last;
    }

    /**
     * What is known of one rule.
     *
     * @param last when it decided last
     */
    record Hit(long number, Instant last) {}

    /** A rule has decided a request; {@code file:line}, or the attribute that took its place. */
    void count(String rule) {
        Hits hits = rules.computeIfAbsent(rule, name -> new Hits());
        hits.number.increment();
        hits.last = System.currentTimeMillis();
    }

    /** Other rules are in force from now on. */
    void beginAnew() {
        rules = new ConcurrentHashMap<>();
    }

    /** All that have decided any. */
    Map<String, Hit> all() {
        Map<String, Hit> all = new TreeMap<>();
        rules.forEach((rule, hits) -> all.put(rule, new Hit(hits.number.sum(), Instant.ofEpochMilli(hits.last))));
        return all;
    }
}
