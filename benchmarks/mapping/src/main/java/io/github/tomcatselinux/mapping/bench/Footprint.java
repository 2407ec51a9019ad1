// SPDX-License-Identifier: Apache-2.0
// How much memory a rule set keeps.
package io.github.tomcatselinux.mapping.bench;

import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.Mappings;
import io.github.tomcatselinux.mapping.RuleSet;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;

/** Prints the heap that 100,000 rules hold after a full collection. Run with {@code -XX:+UseSerialGC}. */
public final class Footprint {
    private Footprint() {}

    /** Measures a second rule set, so that classes and constants are not counted. */
    public static void main(String[] arguments) throws MappingException {
        byte[] file = new Workload(100_000).file();
        RuleSet first = Mappings.parse("bench.map", file);
        long before = used();
        RuleSet second = Mappings.parse("bench.map", file);
        try {
            System.out.printf(
                    "%d rules, %d warnings, file of %.1f MiB: %.1f MiB%n",
                    second.rules().size(),
                    second.warnings().size(),
                    file.length / 1048576.0,
                    (used() - before) / 1048576.0);
        } finally {
            Reference.reachabilityFence(first);
            Reference.reachabilityFence(second);
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            ManagementFactory.getMemoryMXBean().gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
