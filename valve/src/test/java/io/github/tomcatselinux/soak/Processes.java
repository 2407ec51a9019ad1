// SPDX-License-Identifier: Apache-2.0
// The server, its launchers and their helpers, as /proc has them.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Found anew each time: launchers come and go. */
final class Processes {
    private static final String LAUNCHER = "launcher";

    private final long server;

    /** @param server the pid of Tomcat's JVM */
    Processes(long server) {
        this.server = server;
    }

    /** Those that fork, of Tomcat's own and of services: what runs that program, below what does not. */
    List<ProcessHandle> launchers() {
        return ProcessHandle.allProcesses()
                .filter(Processes::isLauncher)
                .filter(process ->
                        process.parent().filter(Processes::isLauncher).isEmpty())
                .toList();
    }

    /** Of them those that are Tomcat's children, or those that are not. */
    List<ProcessHandle> launchers(boolean children) {
        return launchers().stream()
                .filter(process -> children
                        == process.parent()
                                .filter(parent -> parent.pid() == server)
                                .isPresent())
                .toList();
    }

    /** What every launcher has forked, idle or at work. */
    List<ProcessHandle> helpers() {
        return launchers().stream().flatMap(ProcessHandle::children).toList();
    }

    /** What comes from the launchers, they themselves and programs included. */
    long family() {
        return launchers().stream()
                .mapToLong(launcher -> 1 + launcher.descendants().count())
                .sum();
    }

    long serverDescriptors() throws IOException {
        return descriptors(server);
    }

    long launcherDescriptors() throws IOException {
        long sum = 0;
        for (ProcessHandle launcher : launchers()) {
            sum += descriptors(launcher.pid());
        }
        return sum;
    }

    /** Of the largest launcher, in KiB. */
    long launcherMemory() {
        return launchers().stream()
                .mapToLong(launcher -> status(launcher.pid(), "VmRSS:"))
                .max()
                .orElse(0);
    }

    long serverThreads() {
        return status(server, "Threads:");
    }

    long serverMemory() {
        return status(server, "VmRSS:");
    }

    boolean serverLives() {
        return ProcessHandle.of(server).isPresent();
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return all.count();
        }
    }

    private static long status(long pid, String name) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.split("\\s+", 3)[1]))
                    .findFirst()
                    .orElse(0);
        } catch (IOException gone) {
            return 0;
        }
    }

    private static boolean isLauncher(ProcessHandle process) {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            return line.split("\0", 2)[0].endsWith("/tomcat-selinux/" + LAUNCHER);
        } catch (IOException gone) {
            return false;
        }
    }
}
