// SPDX-License-Identifier: Apache-2.0
// How long a file takes to load.
package io.github.tomcatselinux.mapping.bench;

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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Parses, looks for doubts and compiles a file of 100,000 lines. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LoadBenchmark {
    private final byte[] file = new Workload(100_000).file();

    /** Loads. */
    @Benchmark
    public RuleSet load() throws MappingException {
        return Mappings.parse("bench.map", file);
    }
}
