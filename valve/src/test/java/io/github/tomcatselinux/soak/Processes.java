// SPDX-License-Identifier: Apache-2.0
// The server, its launchers and their helpers, as /proc has them.
package io.github.tomcatselinux.soak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Found anew each time, by one look at each process: launchers come and go. */
final class Processes {
    /** What runs the launcher's program: itself, and what it has forked. */
    private static final String LAUNCHER = "launcher";

    private static final Path PROC = Path.of("/proc");

    /** Of {@code /proc/PID/stat} (proc_pid_stat(5)). */
    private record Entry(long pid, String name, long parent) {
        static Entry of(String stat) {
            int name = stat.indexOf('(');
            int rest = stat.lastIndexOf(')');
            return new Entry(
                    Long.parseLong(stat.substring(0, name).strip()),
                    stat.substring(name + 1, rest),
                    Long.parseLong(stat.substring(rest + 2).split(" ", 3)[1]));
        }
    }

    private final long server;

    /** @param server the pid of Tomcat's JVM */
    Processes(long server) {
        this.server = server;
    }

    /** The pids of those launchers that are Tomcat's children, or of those that are not. */
    List<Long> launchers(boolean children) throws IOException {
        return launchers(all()).stream()
                .filter(launcher -> children == (launcher.parent() == server))
                .map(Entry::pid)
                .toList();
    }

    /** The pids of what every launcher has forked, idle or at work. */
    List<Long> helpers() throws IOException {
        Map<Long, Entry> all = all();
        Set<Long> launchers = pids(launchers(all));
        return all.values().stream()
                .filter(process -> launchers.contains(process.parent()))
                .map(Entry::pid)
                .toList();
    }

    /** How many come from the launchers, they themselves and programs included. */
    long family() throws IOException {
        Map<Long, Entry> all = all();
        Set<Long> launchers = pids(launchers(all));
        return all.values().stream()
                .filter(process -> descends(process, launchers, all))
                .count();
    }

    private static boolean descends(Entry process, Set<Long> from, Map<Long, Entry> all) {
        Entry next = process;
        while (next != null && !from.contains(next.pid())) {
            next = all.get(next.parent());
        }
        return next != null;
    }

    private static Set<Long> pids(List<Entry> processes) {
        return processes.stream().map(Entry::pid).collect(Collectors.toSet());
    }

    /** Those that fork, of Tomcat's own and of services: what runs that program, below what does not. */
    private static List<Entry> launchers(Map<Long, Entry> all) {
        return all.values().stream()
                .filter(process -> isLauncher(process) && !isLauncher(all.get(process.parent())))
                .toList();
    }

    private static boolean isLauncher(Entry process) {
        return process != null && process.name().equals(LAUNCHER);
    }

    /** None if it has ended. */
    private static Optional<Entry> read(Path folder) {
        try {
            return Optional.of(Entry.of(Files.readString(folder.resolve("stat"), ISO_8859_1)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static Map<Long, Entry> all() throws IOException {
        Map<Long, Entry> all = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path folder : folders) {
                read(folder).ifPresent(process -> all.put(process.pid(), process));
            }
        }
        return all;
    }

    long serverDescriptors() throws IOException {
        return descriptors(server);
    }

    long launcherDescriptors() throws IOException {
        long sum = 0;
        for (Entry launcher : launchers(all())) {
            sum += descriptors(launcher.pid());
        }
        return sum;
    }

    /** Of the largest launcher, in KiB. */
    long launcherMemory() throws IOException {
        return launchers(all()).stream()
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
}
