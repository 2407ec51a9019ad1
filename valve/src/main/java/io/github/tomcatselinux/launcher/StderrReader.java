// SPDX-License-Identifier: Apache-2.0
// Passes on what the launcher says on standard error.
package io.github.tomcatselinux.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Reads the launcher's standard error on a thread of its own until it ends, and keeps the last lines for a failed start. */
final class StderrReader {
    private static final int KEPT = 20;

    private final Deque<String> last = new ArrayDeque<>();
    private final Thread thread;

    /** @param ended called on that thread when nothing more will come */
    StderrReader(Process process, Consumer<String> log, Runnable ended) {
        thread = new Thread(
                () -> {
                    read(process, log);
                    ended.run();
                },
                "tomcat-selinux-launcher-stderr");
        thread.setDaemon(true);
        thread.setContextClassLoader(StderrReader.class.getClassLoader());
        thread.start();
    }

    /** What was said last, once the launcher has ended. */
    String everything() throws InterruptedException {
        thread.join(1_000);
        synchronized (last) {
            return last.isEmpty() ? "it said nothing" : String.join("; ", last);
        }
    }

    private void read(Process process, Consumer<String> log) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (last) {
                    if (last.size() == KEPT) {
                        last.removeFirst();
                    }
                    last.addLast(line);
                }
                log.accept(line);
            }
        } catch (IOException gone) {
            if (process.isAlive()) {
                log.accept("standard error of the launcher cannot be read: " + gone);
            }
        }
    }
}
