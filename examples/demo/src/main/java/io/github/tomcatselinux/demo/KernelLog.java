// SPDX-License-Identifier: Apache-2.0
// What the kernel wrote about refusals.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The refusals that the kernel of the servers' machine wrote down. */
final class KernelLog {
    private static final int TRIES = 100;

    private final Optional<Path> file;

    /**
     * A log.
     *
     * @param file where the records of another machine's kernel arrive; empty for this machine's own
     */
    KernelLog(Optional<Path> file) {
        this.file = file;
    }

    /**
     * All that tell of the product's domains or types, and of none of these requests, as {@code avc: denied ...}; and those of a
     * descriptor, with which something that was meant to be written is lost.
     */
    List<String> strays(List<RequestLog.Line> requests) throws IOException, InterruptedException {
        List<String> marks = requests.stream().map(KernelLog::mark).toList();
        return denials(line -> (line.contains("tomcat_") || line.contains("_webapp_"))
                && (line.contains(" tclass=fd ") || marks.stream().noneMatch(line::contains)));
    }

    /** The refusals that a request met with, as {@code avc: denied ...}; waits a moment for the first. */
    List<String> denials(RequestLog.Line request) throws IOException, InterruptedException {
        String mark = mark(request);
        for (int i = 0; i < TRIES; i++) {
            List<String> denials = denials(line -> line.contains(mark));
            if (!denials.isEmpty()) {
                return denials;
            }
            Thread.sleep(100);
        }
        return List.of();
    }

    /** A helper is a process of its own; a thread has the request's name, of which the kernel keeps 15 characters. */
    private static String mark(RequestLog.Line request) {
        return request.helper()
                .map(pid -> " pid=" + pid + " ")
                .or(() -> request.request().map(name -> " comm=\"" + name + "\" "))
                .orElseThrow();
    }

    private List<String> denials(Predicate<String> which) throws IOException, InterruptedException {
        String log = file.isPresent() ? Files.readString(file.get()) : Command.run(List.of("dmesg"));
        // The last line may be half of a record.
        return log.substring(0, log.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.contains("avc:"))
                .filter(which)
                .map(line -> line.substring(line.indexOf("avc:")).replaceAll(" +", " "))
                .toList();
    }
}
