// SPDX-License-Identifier: Apache-2.0
// Whether a JVM survives threads in a context, found out before the first request.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.kernel.ThreadContextException;
import io.github.tomcatselinux.preflight.Gaps;
import io.github.tomcatselinux.preflight.PolicyModule;
import java.io.IOException;
import java.time.Duration;
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
    private static final String DIES = "the JVM ends when such a thread starts another";
    private static final String UNREAD = "such a thread cannot read its own context";

    private final ThreadContext threads;
    private final Selinux selinux;
    private final SecurityContext server;

    /** One context of each domain that the policy lets live: what they need of each other is asked, too. */
    private final Map<String, SecurityContext> passed = new LinkedHashMap<>();

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
    public Optional<String> objection(SecurityContext named) {
        return objection(named, true);
    }

    /** The same as far as the policy says: no thread takes the context. */
    public Optional<String> doubt(SecurityContext named) {
        return objection(named, false);
    }

    private Optional<String> objection(SecurityContext named, boolean live) {
        SecurityContext twin = named;
        try {
            twin = ThreadContext.twin(named);
            if (!selinux.isValid(twin)) {
                return objection(
                        twin, "the loaded policy does not know it: a domain for threads belongs to each webapp domain");
            }
            Optional<String> missing = enter(twin);
            if (missing.isPresent()) {
                return objection(twin, missing.get());
            }
            if (live) {
                live(twin);
            }
            return Optional.empty();
        } catch (ThreadContextException refused) {
            return refused.reason() == ThreadContextException.Reason.NOT_BOUNDED
                    ? objection(
                            twin,
                            refused.getMessage() + " Mend it with: " + PolicyModule.bounds(server.type(), twin.type()))
                    : objection(twin, refused.getMessage());
        } catch (IOException refused) {
            return objection(twin, refused.getMessage());
        }
    }

    /** Domains that are tried at the same time see each other, too. */
    private synchronized Optional<String> enter(SecurityContext twin) throws IOException {
        Optional<String> missing = missing(twin);
        if (missing.isEmpty()) {
            passed.putIfAbsent(twin.type(), twin);
        }
        return missing;
    }

    private Optional<String> missing(SecurityContext twin) throws IOException {
        if (!selinux.missing(server, server, "process", List.of("setcurrent")).isEmpty()) {
            return Optional.of("missing: allow " + server.type()
                    + " self:process setcurrent (a boolean is off); without it no thread gets a context."
                    + " Mend it with: setsebool -P tomcat_confine_threads on");
        }
        Gaps gaps = new Gaps(selinux, server.type()).bounded(twin.type());
        gaps.need(server, twin, "process", "dyntransition", "no thread gets this context");
        gaps.need(twin, twin, "process", "fork", "such a thread starts no other");
        gaps.need(twin, twin, "process", "getsched", DIES);
        gaps.need(twin, twin, "process", "setsched", DIES);
        gaps.need(twin, twin, "process", "execmem", "the JVM ends when machine code is made in such a thread");
        gaps.need(twin, server, "dir", "search", UNREAD);
        gaps.need(twin, server, "file", "read", UNREAD);
        sharing(gaps, twin, server);
        signalling(gaps, twin, server);
        // Threads of two categories share what is open, but a constraint keeps them from signalling each other.
        for (SecurityContext other : passed.values()) {
            gaps.bounded(other.type());
            sharing(gaps, twin, other);
        }
        sharing(gaps, twin, twin);
        signalling(gaps, twin, twin);
        return gaps.isEmpty() ? Optional.empty() : Optional.of(gaps.describe(twin.type()));
    }

    private static void sharing(Gaps gaps, SecurityContext one, SecurityContext other) throws IOException {
        String otherwise = "a library that one thread opened is missing to the others";
        gaps.need(one, other, "fd", "use", otherwise);
        gaps.need(other, one, "fd", "use", otherwise);
    }

    private static void signalling(Gaps gaps, SecurityContext one, SecurityContext other) throws IOException {
        String otherwise = "a thread that waits for a channel is not woken when another closes it";
        gaps.need(one, other, "process", "signal", otherwise);
        gaps.need(other, one, "process", "signal", otherwise);
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
