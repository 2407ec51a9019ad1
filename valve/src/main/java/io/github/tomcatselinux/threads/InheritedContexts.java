// SPDX-License-Identifier: Apache-2.0
// Finds threads that have a context because a confined thread started them.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.kernel.SecurityContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A thread that a request started and left behind goes on in that one's context, and so does what anybody gives it to do.
 * The kernel says which threads of this process are in which context. Those of ours have joined; who else is not in the
 * server's, and whose request is over, has inherited it.
 */
public final class InheritedContexts {
    /** How many requests are remembered that are over. */
    private static final int MEMORY = 1024;

    /** Of the kernel's clocks: what a thread's birth is counted in (sysconf(3), {@code _SC_CLK_TCK}). */
    private static final long TICKS_PER_SECOND = 100;

    private static final long NANOS_PER_TICK = 1_000_000_000 / TICKS_PER_SECOND;

    /** Where {@code stat} has the time of birth, counted from the field behind the name (proc(5)). */
    private static final int BIRTH_FIELD = 19;

    /** One for all valves: the threads of one are no strangers to another. */
    private static final InheritedContexts OF_THIS_PROCESS = new InheritedContexts();

    private final Path proc = Path.of("/proc");

    private final Set<Born> ours = ConcurrentHashMap.newKeySet();
    private final Set<Born> found = new HashSet<>();
    private final Set<Span> running = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedDeque<Span> over = new ConcurrentLinkedDeque<>();
    private volatile int count;

    /** A thread; numbers alone come again. */
    private record Born(long number, long ticks) {}

    /** When a thread was started, as {@link System#nanoTime} would have said. */
    private record Birth(long earliest, long latest) {}

    /** From when to when a request was on a confined thread; 0 where it still is. */
    private static final class Span {
        private final String context;
        private final String request;
        private final long begin = System.nanoTime();
        private volatile long end;

        Span(String context, String request) {
            this.context = context;
            this.request = request;
        }

        boolean covers(Birth birth) {
            // The kernel's clock is coarse.
            return birth.latest() - begin >= -2 * NANOS_PER_TICK
                    && (end == 0 || end - birth.earliest() >= -2 * NANOS_PER_TICK);
        }
    }

    /**
     * A thread that was found.
     *
     * @param context which it is in
     * @param requests that were on a confined thread of that context when it was started: one of them started it
     * @param stack what it is doing, beginning with its name, as the JVM prints it; empty if it is none of Java's
     */
    public record Inherited(long number, String context, List<String> requests, String stack) {}

    private InheritedContexts() {}

    /** The one that there is. */
    public static InheritedContexts ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    /**
     * Called by a thread of ours, before it has a context.
     *
     * @throws IOException if procfs does not say which thread it is
     */
    public void join() throws IOException {
        ours.add(born(proc.resolve("thread-self")));
    }

    /** What is closed when the request is over. */
    public interface Run extends AutoCloseable {
        @Override
        void close();
    }

    /** Called when a request begins on a thread of ours. */
    public Run begin(String context, String request) {
        Span span = new Span(context, request);
        running.add(span);
        return () -> {
            span.end = System.nanoTime();
            over.addLast(span);
            running.remove(span);
            while (over.size() > MEMORY) {
                over.pollFirst();
            }
        };
    }

    /** How many were found so far. */
    public int count() {
        return count;
    }

    /**
     * Looks at all threads; each is found once. To be called by a thread of the server's.
     *
     * @param server the context that threads have which have inherited none
     * @throws IOException if the kernel does not say
     */
    public synchronized List<Inherited> look(SecurityContext server) throws IOException {
        Set<Born> alive = new HashSet<>();
        Map<Born, String> strangers = new HashMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(proc.resolve("self/task"))) {
            for (Path task : tasks) {
                look(task, server, alive, strangers);
            }
        }
        // What joined after it was looked at is not over.
        ours.removeIf(
                thread -> !alive.contains(thread) && Files.notExists(proc.resolve("self/task/" + thread.number())));
        found.retainAll(alive);
        strangers.keySet().removeAll(ours);
        List<Inherited> news = new ArrayList<>();
        Optional<String> dump = Optional.empty();
        for (Map.Entry<Born, String> stranger : strangers.entrySet()) {
            Birth birth = birth(stranger.getKey());
            if (found.contains(stranger.getKey()) || isRunning(stranger.getValue(), birth)) {
                continue;
            }
            found.add(stranger.getKey());
            count++;
            dump = dump.or(() -> Optional.of(ThreadDump.text()));
            news.add(new Inherited(
                    stranger.getKey().number(),
                    stranger.getValue(),
                    requests(stranger.getValue(), birth),
                    ThreadDump.entry(dump.get(), stranger.getKey().number())));
        }
        return news;
    }

    private void look(Path task, SecurityContext server, Set<Born> alive, Map<Born, String> strangers)
            throws IOException {
        try {
            Born thread = born(task);
            String context = Files.readString(task.resolve("attr/current"))
                    .replace("\0", "")
                    .strip();
            alive.add(thread);
            if (!context.equals(server.toString())) {
                strangers.put(thread, context);
            }
        } catch (IOException unread) {
            if (Files.exists(task)) {
                throw unread;
            }
        }
    }

    private boolean isRunning(String context, Birth birth) {
        return running.stream().anyMatch(span -> span.context.equals(context) && span.covers(birth));
    }

    private List<String> requests(String context, Birth birth) {
        return over.stream()
                .filter(span -> span.context.equals(context) && span.covers(birth))
                .map(span -> span.request)
                .distinct()
                .toList();
    }

    /** What the two clocks say is not of one moment: on a busy machine much may pass between them. */
    private Birth birth(Born thread) throws IOException {
        long before = System.nanoTime();
        String uptime = Files.readString(proc.resolve("uptime"));
        long after = System.nanoTime();
        double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
        long sinceBoot = thread.ticks() * NANOS_PER_TICK - (long) (seconds * 1e9);
        return new Birth(before + sinceBoot, after + sinceBoot);
    }

    private static Born born(Path task) throws IOException {
        String stat = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
        // The name, in parentheses, may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new Born(Long.parseLong(stat.substring(0, stat.indexOf(' '))), Long.parseLong(fields[BIRTH_FIELD]));
    }
}
