// SPDX-License-Identifier: Apache-2.0
// The server under load, and what it holds.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What it has of everything that it has to give back. */
final class Server {
    private static final int PATIENCE_SECONDS = 90;
    private static final int POLL_MILLISECONDS = 500;

    private final Processes processes;
    private final Jmx jmx;
    private final Path uploads;

    Server(Processes processes, Jmx jmx, Path uploads) {
        this.processes = processes;
        this.jmx = jmx;
        this.uploads = uploads;
    }

    Processes processes() {
        return processes;
    }

    Jmx jmx() {
        return jmx;
    }

    /** The measures as soon as they are as they should be, or as they are when that takes too long. */
    Map<String, Long> measures(Predicate<Map<String, Long>> good) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Map<String, Long> measures = measures();
        while (!good.test(measures) && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLISECONDS);
            measures = measures();
        }
        return measures;
    }

    private Map<String, Long> measures() throws IOException {
        Map<String, Long> measures = new TreeMap<>();
        for (String what : Leaks.IN_USE) {
            long sum = 0;
            for (String host : Site.HOSTS) {
                sum += jmx.ofValve(host, what);
            }
            measures.put(what, sum);
        }
        measures.put("heapBytes", jmx.heap());
        measures.put("descriptors", processes.serverDescriptors());
        measures.put("serverThreads", processes.serverThreads());
        measures.put("serverKib", processes.serverMemory());
        measures.put("processes", processes.family());
        measures.put("launcherDescriptors", processes.launcherDescriptors());
        measures.put("launcherKib", processes.launcherMemory());
        try (Stream<Path> files = Files.list(uploads)) {
            measures.put("uploads", files.count());
        }
        // It is counted for the whole JVM.
        measures.put("inheritedContexts", jmx.ofValve(Site.CHILD, "inheritedContexts"));
        return measures;
    }
}
