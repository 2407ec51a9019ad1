// SPDX-License-Identifier: Apache-2.0
// Confined threads for the servlets of one valve's applications.
package io.github.tomcatselinux;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.kernel.ThreadContextException;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.threads.ConfinedThreads;
import io.github.tomcatselinux.threads.Leave;
import io.github.tomcatselinux.threads.Switch;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.catalina.Context;

/**
 * The one door to code of an application for requests that a rule applies to. A rule names the context of helpers; a
 * thread takes its twin, which is bounded by the server's domain. Only where the kernel has no SELinux, and the
 * administrator said to ignore that, do the threads take none.
 */
final class ServletThreads implements AutoCloseable {
    private final Enforcement enforcement;
    private final boolean hasSelinux;
    private final ConfinedThreads threads;

    ServletThreads(Configuration configuration, Enforcement enforcement, Optional<ThreadContext> kernel) {
        this.enforcement = enforcement;
        this.hasSelinux = kernel.isPresent();
        ThreadSettings settings = configuration.threads();
        Limits helpers = configuration.limits();
        Limits limits = new Limits(
                settings.most(),
                settings.mostPerContext(),
                helpers.maxQueue(),
                helpers.requestTimeout(),
                helpers.maxRequestTime());
        Admission admission = new Admission(limits, this::giveUp);
        this.threads = new ConfinedThreads(
                settings.life(),
                kernel.<Switch>map(known -> context -> take(known, context)).orElse(context -> {}),
                new Counted(admission));
    }

    /**
     * What gives threads their context.
     *
     * @throws ConfigurationException if the kernel has SELinux, and no way to do that
     */
    static ThreadContext kernel(Selinux selinux) throws ConfigurationException {
        try {
            return ThreadContext.at(Path.of("/proc"), selinux);
        } catch (ThreadContextException absent) {
            throw new ConfigurationException(absent.getMessage(), absent);
        }
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
        String context = twin(named);
        requireConfining(context);
        Optional<String> proved = hasSelinux ? Optional.of(context) : Optional.empty();
        threads.run(application, context, name, () -> work.run(proved));
    }

    /** What is done on a confined thread. */
    interface Work {
        /** Does it, in the context that was read back; empty where the kernel has none. */
        void run(Optional<String> context) throws IOException, ServletException;
    }

    /** Lets an application that starts have threads. */
    void begin(Context application) {
        threads.begin(application);
    }

    /** Ends the threads of an application that stops. */
    void end(Context application) {
        threads.end(application);
    }

    /** How many threads there are, idle ones included. */
    int size() {
        return threads.size();
    }

    @Override
    public void close() {
        threads.close();
    }

    private boolean giveUp(Optional<String> context) {
        return threads.giveUp(context);
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

    private static void take(ThreadContext kernel, String context) throws HelperException {
        try {
            kernel.take(SecurityContext.parse(context));
        } catch (ThreadContextException refused) {
            boolean later = refused.reason() == ThreadContextException.Reason.UNAVAILABLE;
            throw new HelperException(later ? Reason.UNAVAILABLE : Reason.REFUSED, refused.getMessage(), refused);
        } catch (IOException wrong) {
            throw new HelperException(Reason.REFUSED, wrong.getMessage(), wrong);
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
                // The wait may have been long.
                requireConfining(context);
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
