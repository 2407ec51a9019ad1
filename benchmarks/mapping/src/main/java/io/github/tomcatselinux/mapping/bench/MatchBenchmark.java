// SPDX-License-Identifier: Apache-2.0
// How long a decision takes.
package io.github.tomcatselinux.mapping.bench;

import io.github.tomcatselinux.mapping.Decision;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.Mappings;
import io.github.tomcatselinux.mapping.RuleSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One decision an operation, over requests in random order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatchBenchmark {
    /** How many rules there are. */
    @Param({"10", "100", "1000", "10000", "100000"})
    public int rules;

    private RuleSet ruleSet;
    private Identity[] requests;
    private int next;

    /** Loads the rules. */
    @Setup
    public void load() throws MappingException {
        Workload workload = new Workload(rules);
        ruleSet = Mappings.parse("bench.map", workload.file());
        requests = workload.requests(1 << 12);
    }

    /** Decides. */
    @Benchmark
    public Decision decide() {
        next = (next + 1) & (requests.length - 1);
        return ruleSet.decide(requests[next]);
    }
}
