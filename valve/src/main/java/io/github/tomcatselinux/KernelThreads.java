// SPDX-License-Identifier: Apache-2.0
// What SELinux has to do with confined threads.
package io.github.tomcatselinux;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.kernel.ThreadContextException;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.threads.InheritedContexts;
import io.github.tomcatselinux.threads.LazyPools;
import io.github.tomcatselinux.threads.Switch;
import io.github.tomcatselinux.threads.ThreadTrial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/** Each context is tried before threads take it; what they leave behind in it is found. */
final class KernelThreads {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(KernelThreads.class);

    private final ThreadContext kernel;
    private final ThreadTrial trial;
    private final InheritedContexts inherited = InheritedContexts.ofThisProcess();
    private final SecurityContext server;

    private KernelThreads(ThreadContext kernel, ThreadTrial trial, SecurityContext server) {
        this.kernel = kernel;
        this.trial = trial;
        this.server = server;
    }

    /**
     * Starts the JVM's pools, so that no confined thread does.
     *
     * @param server the server's own context
     * @throws ConfigurationException if there is no way to give a thread a context, or a pool does not start
     */
    static KernelThreads start(Selinux selinux, SecurityContext server) throws ConfigurationException {
        try {
            ThreadContext kernel = ThreadContext.at(Path.of("/proc"), selinux);
            LazyPools.start();
            return new KernelThreads(kernel, new ThreadTrial(kernel, selinux, server), server);
        } catch (IOException absent) {
            throw new ConfigurationException(absent.getMessage(), absent);
        }
    }

    /** Why no thread can live in the twin of the context that a rule names; empty if one did. */
    Optional<String> objection(String named) {
        try {
            return trial.objection(SecurityContext.parse(named));
        } catch (IOException wrong) {
            return Optional.of(wrong.getMessage());
        }
    }

    /** The same as far as the policy says. */
    Optional<String> doubt(String named) {
        try {
            return trial.doubt(SecurityContext.parse(named));
        } catch (IOException wrong) {
            return Optional.of(wrong.getMessage());
        }
    }

    /**
     * Prepares the calling thread for the one context that it will take.
     *
     * @throws HelperException if it could take none
     */
    Switch.Ready prepare() throws HelperException {
        ThreadContext.Own own;
        try {
            inherited.join();
            own = kernel.open();
        } catch (IOException unready) {
            throw refused(unready);
        }
        return new Switch.Ready() {
            @Override
            public void take(String context) throws HelperException {
                try {
                    own.take(SecurityContext.parse(context));
                } catch (IOException unfit) {
                    throw refused(unfit);
                }
            }

            @Override
            public void close() throws HelperException {
                try {
                    own.close();
                } catch (IOException broken) {
                    throw refused(broken);
                }
            }
        };
    }

    private static HelperException refused(IOException why) {
        boolean later = why instanceof ThreadContextException known
                && known.reason() == ThreadContextException.Reason.UNAVAILABLE;
        return new HelperException(later ? Reason.UNAVAILABLE : Reason.REFUSED, why.getMessage(), why);
    }

    /** Called on a confined thread when a request begins; closed when it is over. */
    InheritedContexts.Run begin(String context, String request) {
        return inherited.begin(context, request);
    }

    /** How many threads were found that had inherited a context. */
    int inherited() {
        return inherited.count();
    }

    /** Called every now and then by a thread of the server's: keeps the JVM's pools, and logs what has inherited a context. */
    void background() {
        LazyPools.keep();
        try {
            for (InheritedContexts.Inherited found : inherited.look(server)) {
                LOG.warn(SM.getString(
                        "threads.inherited",
                        String.valueOf(found.number()),
                        found.context(),
                        String.join(", ", found.requests()),
                        found.stack()));
            }
        } catch (IOException silent) {
            LOG.error(SM.getString("threads.unseen", silent.getMessage()));
        }
    }
}
