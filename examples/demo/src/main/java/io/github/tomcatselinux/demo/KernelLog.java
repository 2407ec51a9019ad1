// SPDX-License-Identifier: Apache-2.0
// What the kernel wrote about refusals.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.util.List;

/** The kernel's ring buffer. */
final class KernelLog {
    private static final int TRIES = 20;

    private KernelLog() {}

    /** The refusals that a request met with, as {@code avc: denied ...}; waits a moment for the first. */
    static List<String> denials(RequestLog.Line request) throws IOException, InterruptedException {
        // A helper is a process of its own; a thread has the request's name, of which the kernel keeps 15 characters.
        String mark = request.helper()
                .map(pid -> " pid=" + pid + " ")
                .or(() -> request.request().map(name -> " comm=\"" + name + "\" "))
                .orElseThrow();
        for (int i = 0; i < TRIES; i++) {
            List<String> denials = Command.run(List.of("dmesg"))
                    .lines()
                    .filter(line -> line.contains("avc:") && line.contains(mark))
                    .map(line -> line.substring(line.indexOf("avc:")).replaceAll(" +", " "))
                    .toList();
            if (!denials.isEmpty()) {
                return denials;
            }
            Thread.sleep(100);
        }
        return List.of();
    }
}
