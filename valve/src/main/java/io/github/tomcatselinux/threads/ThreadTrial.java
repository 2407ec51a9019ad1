// SPDX-License-Identifier: Apache-2.0
// Whether a JVM survives threads in a context, found out before the first request.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Some permissions end the whole JVM where a confined thread lacks them, or leave everybody without a class. So the kernel is
 * asked for these first, which harms nobody; only then does a real thread take the context.
 */
public final class ThreadTrial {
    /** Far longer than a thread lives on a machine that is busy. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String NAME = "selinux-trial";

    private final ThreadContext threads;
    private final Selinux selinux;
    private final SecurityContext server;

    /** One context of each domain that passed: what they need of each other is asked, too. */
    private final Map<String, SecurityContext> passed = new LinkedHashMap<>();

    /** A permission, and what happens where it is missing. */
    private record Need(
            SecurityContext source, SecurityContext target, String objectClass, String permission, String otherwise) {}

    /** Tries nothing yet. */
    public ThreadTrial(ThreadContext threads, Selinux selinux, SecurityContext server) {
        this.threads = threads;
        this.selinux = selinux;
        this.server = server;
    }

    /**
     * Why no thread can live in the twin of this context; empty if a real one did. To be called by a thread of the server's.
     *
     * @param named the context that a rule names
     */
    public synchronized Optional<String> objection(SecurityContext named) {
        SecurityContext twin = named;
        try {
            twin = ThreadContext.twin(named);
            if (!selinux.isValid(twin)) {
                return objection(
                        twin, "the loaded policy does not know it: a domain for threads belongs to each webapp domain");
            }
            Optional<String> missing = missing(twin);
            if (missing.isPresent()) {
                return missing;
            }
            live(twin);
            passed.putIfAbsent(twin.type(), twin);
            return Optional.empty();
        } catch (IOException refused) {
            return objection(twin, refused.getMessage());
        }
    }

    private Optional<String> missing(SecurityContext twin) throws IOException {
        for (Need need : needs(twin)) {
            if (!selinux.missing(need.source(), need.target(), need.objectClass(), List.of(need.permission()))
                    .isEmpty()) {
                String target = need.source().equals(need.target())
                        ? "self"
                        : need.target().type();
                return objection(
                        twin,
                        "missing: allow " + need.source().type() + " " + target + ":" + need.objectClass() + " "
                                + need.permission() + ", or a constraint or the bounds of "
                                + need.source().type() + " forbid it; without it " + need.otherwise());
            }
        }
        return Optional.empty();
    }

    private List<Need> needs(SecurityContext twin) {
        String dies = "the JVM ends when such a thread starts another";
        String unread = "such a thread cannot read its own context";
        List<Need> needs = new ArrayList<>(List.of(
                new Need(
                        server,
                        server,
                        "process",
                        "setcurrent",
                        "no thread gets a context: setsebool -P tomcat_confine_threads on"),
                new Need(server, twin, "process", "dyntransition", "no thread gets this context"),
                new Need(twin, twin, "process", "fork", "such a thread starts no other"),
                new Need(twin, twin, "process", "getsched", dies),
                new Need(twin, twin, "process", "setsched", dies),
                new Need(twin, twin, "process", "execmem", "the JVM ends when machine code is made in such a thread"),
                new Need(twin, server, "dir", "search", unread),
                new Need(twin, server, "file", "read", unread)));
        needs.addAll(sharing(twin, server));
        needs.addAll(signalling(twin, server));
        // Threads of two categories share what is open, but a constraint keeps them from signalling each other.
        passed.values().forEach(other -> needs.addAll(sharing(twin, other)));
        needs.addAll(sharing(twin, twin));
        needs.addAll(signalling(twin, twin));
        return needs;
    }

    private static List<Need> sharing(SecurityContext one, SecurityContext other) {
        String otherwise = "a library that one thread opened is missing to the others";
        return List.of(new Need(one, other, "fd", "use", otherwise), new Need(other, one, "fd", "use", otherwise));
    }

    private static List<Need> signalling(SecurityContext one, SecurityContext other) {
        String otherwise = "a thread that waits for a channel is not woken when another closes it";
        return List.of(
                new Need(one, other, "process", "signal", otherwise),
                new Need(other, one, "process", "signal", otherwise));
    }

    /** A thread takes the context, and starts another, which is what shows soonest that it cannot live there. */
    private void live(SecurityContext twin) throws IOException {
        InheritedContexts inherited = InheritedContexts.ofThisProcess();
        FutureTask<Void> life = new FutureTask<>(() -> {
            inherited.join();
            threads.take(twin);
            FutureTask<SecurityContext> child = new FutureTask<>(() -> {
                inherited.join();
                return threads.current();
            });
            start(child);
            if (!await(child).equals(twin)) {
                throw new IOException("a thread that it started is not in it");
            }
            return null;
        });
        // Whoever looks before the child has joined takes it for a request's that goes on.
        try (InheritedContexts.Run run = inherited.begin(twin.toString(), NAME)) {
            start(life);
            await(life);
        }
    }

    private static void start(FutureTask<?> task) {
        Thread thread = new Thread(task, NAME);
        thread.setDaemon(true);
        thread.start();
    }

    private static <T> T await(FutureTask<T> task) throws IOException {
        try {
            return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException refused
                    ? refused
                    : new IOException("a thread in it failed: " + failed.getCause(), failed);
        } catch (TimeoutException hanging) {
            throw new IOException("a thread in it did not end within " + PATIENCE, hanging);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a thread was tried", stopping);
        }
    }

    private static Optional<String> objection(SecurityContext twin, String why) {
        return Optional.of("no thread can live in [" + twin + "]: " + why);
    }
}
