// SPDX-License-Identifier: Apache-2.0
// Confined threads for the servlets of one valve's applications.
package io.github.tomcatselinux;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.threads.ConfinedThreads;
import io.github.tomcatselinux.threads.InheritedContexts;
import io.github.tomcatselinux.threads.Leave;
import io.github.tomcatselinux.threads.Switch;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.Context;

/**
 * The one door to code of an application for requests that a rule applies to. A rule names the context of helpers; a
 * thread takes its twin, which is bounded by the server's domain. Only where the kernel has no SELinux, and the
 * administrator said to ignore that, do the threads take none.
 */
final class ServletThreads implements AutoCloseable {
    private final Enforcement enforcement;
    private final Optional<KernelThreads> kernel;
    private final ConfinedThreads threads;
    private final Admission admission;

    /** Those for which a thread of the others waits: were they counted together, all could be waiting. */
    private final ConfinedThreads narrowed;

    ServletThreads(Configuration configuration, Enforcement enforcement, Optional<KernelThreads> kernel) {
        this.enforcement = enforcement;
        this.kernel = kernel;
        ThreadSettings settings = configuration.threads();
        Limits helpers = configuration.limits();
        Limits limits = new Limits(
                settings.most(),
                settings.mostPerContext(),
                helpers.maxQueue(),
                helpers.requestTimeout(),
                helpers.maxRequestTime());
        Switch contexts = kernel.<Switch>map(known -> known::prepare).orElse(Switch.NONE);
        this.admission = new Admission(limits, this::giveUp);
        this.threads = new ConfinedThreads(settings.life(), contexts, new Counted(admission));
        this.narrowed = new ConfinedThreads(
                settings.life(), contexts, new Counted(new Admission(limits, this::giveUpNarrowed)));
    }

    /**
     * Runs a part of a request's pipeline in a context, and waits for it.
     *
     * @param application whose threads may do it
     * @param named the context that a rule names
     * @param name the thread's
     * @throws HelperException if that context cannot be had
     */
    void run(Context application, String named, String name, Work work) throws IOException, ServletException {
        run(threads, application, named, name, work);
    }

    /**
     * The same, for a request of which a thread waits already that {@link #run} has found. To be called by a thread of
     * the server's.
     */
    void runNarrowed(Context application, String named, String name, Work work) throws IOException, ServletException {
        run(narrowed, application, named, name, work);
    }

    /** Whether the calling thread is the confined thread that such a context needs. */
    boolean isCurrentIn(String named) throws HelperException {
        return ConfinedThreads.currentContext().equals(Optional.of(twin(named)));
    }

    private void run(ConfinedThreads pool, Context application, String named, String name, Work work)
            throws IOException, ServletException {
        String context = twin(named);
        requireConfining(context);
        pool.run(application, context, name, () -> {
            if (kernel.isEmpty()) {
                work.run(Optional.empty());
                return;
            }
            try (InheritedContexts.Run run = kernel.get().begin(context, name)) {
                work.run(Optional.of(context));
            }
        });
    }

    /** What is done on a confined thread. */
    interface Work {
        /** Does it, in the context that was read back; empty where the kernel has none. */
        void run(Optional<String> context) throws IOException, ServletException;
    }

    /** Why no thread can live in the twin of the context that a rule names; empty if one did, or the kernel has no SELinux. */
    Optional<String> objection(String named) {
        return kernel.flatMap(known -> known.objection(named));
    }

    /** The same as far as the policy says: no thread takes it. */
    Optional<String> doubt(String named) {
        return kernel.flatMap(known -> known.doubt(named));
    }

    /** How many threads were found that had inherited a context. */
    int inherited() {
        return kernel.map(KernelThreads::inherited).orElse(0);
    }

    /** Called every now and then by Tomcat's background thread. */
    void background() {
        kernel.ifPresent(KernelThreads::background);
    }

    /** Lets an application that starts have threads. */
    void begin(Context application) {
        threads.begin(application);
        narrowed.begin(application);
    }

    /** Ends the threads of an application that stops. */
    void end(Context application) {
        threads.end(application);
        narrowed.end(application);
    }

    /** How many threads there are, idle ones included. */
    int size() {
        return threads.size() + narrowed.size();
    }

    /** How many requests wait for one. */
    int waiting() {
        return admission.waiting();
    }

    /** The same by context. */
    Map<String, Integer> byContext() {
        return threads.byContext();
    }

    @Override
    public void close() {
        threads.close();
        narrowed.close();
    }

    private boolean giveUp(Optional<String> context) {
        return threads.giveUp(context);
    }

    private boolean giveUpNarrowed(Optional<String> context) {
        return narrowed.giveUp(context);
    }

    private void requireConfining(String context) throws HelperException {
        Optional<String> objection = enforcement.objection(context);
        if (objection.isPresent()) {
            throw new HelperException(Reason.UNAVAILABLE, objection.get());
        }
    }

    private static String twin(String named) throws HelperException {
        try {
            return ThreadContext.twin(SecurityContext.parse(named)).toString();
        } catch (IOException none) {
            throw new HelperException(Reason.REFUSED, none.getMessage(), none);
        }
    }

    private final class Counted implements Leave {
        private final Admission admission;

        Counted(Admission admission) {
            this.admission = admission;
        }

        @Override
        public Permit enter(String context) throws HelperException {
            Admission.Permit permit = admission.enter(context);
            try {
                if (permit.waited()) {
                    requireConfining(context);
                }
            } catch (HelperException failed) {
                permit.close();
                throw failed;
            }
            return permit::close;
        }

        @Override
        public boolean isAwaited() {
            return admission.isAwaited();
        }
    }
}
