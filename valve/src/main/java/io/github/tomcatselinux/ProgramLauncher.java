// SPDX-License-Identifier: Apache-2.0
// The launcher of helpers that run programs; there is none before somebody needs it.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import io.github.tomcatselinux.Configuration.OnNotEnforcing;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.launcher.ChildLauncher;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.launcher.Launcher;
import io.github.tomcatselinux.launcher.ProgramConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.tomcat.util.res.StringManager;

/** A process of its own: the system-call filter of helpers for files could never be widened again. */
final class ProgramLauncher implements AutoCloseable {
    private static final StringManager SM = StringManager.getManager(ProgramLauncher.class);

    private final Configuration configuration;
    private final Optional<SecurityContext> own;
    private final Consumer<String> log;
    private volatile Optional<Launcher> launcher = Optional.empty();
    private boolean closed;

    /**
     * Starts nothing yet.
     *
     * @param own the context of this JVM; empty where the kernel has no SELinux
     * @param log takes what the launcher says
     */
    ProgramLauncher(Configuration configuration, Optional<SecurityContext> own, Consumer<String> log) {
        this.configuration = configuration;
        this.own = own;
        this.log = log;
    }

    /** The launcher, if it was started. */
    Optional<Launcher> running() {
        return launcher;
    }

    /** Starts it, if it has not been started. */
    synchronized Launcher start() throws HelperException {
        if (closed) {
            throw new HelperException(Reason.UNAVAILABLE, "the launcher for programs was stopped");
        }
        if (launcher.isEmpty()) {
            launcher = Optional.of(choose());
        }
        return launcher.get();
    }

    /** A confined helper for one program, which it is looking for. */
    ProgramConnection program(ConfineRequest request, Duration patience, String prefix, String path)
            throws HelperException {
        Optional<Launcher> there = launcher;
        return ProgramConnection.of(there.isPresent() ? there.get() : start(), request, patience, prefix, path);
    }

    @Override
    public synchronized void close() {
        closed = true;
        launcher.ifPresent(Launcher::close);
        launcher = Optional.empty();
    }

    private Launcher choose() throws HelperException {
        LauncherChoice choice = configuration.programs().launcher();
        if (choice instanceof LauncherChoice.Service service) {
            return Launcher.service(service.socket());
        }
        if (!configuration.identity().equals(ConfineRequest.Identity.OWN)) {
            throw new HelperException(Reason.REFUSED, SM.getString("programs.child", choice));
        }
        if (configuration.ceilings().processes() > 0) {
            throw new HelperException(Reason.REFUSED, SM.getString("programs.childCountsNone", choice));
        }
        return ChildLauncher.start(
                ((LauncherChoice.Child) choice).binary(),
                own.map(SecurityContext::type),
                configuration.onNotEnforcing() == OnNotEnforcing.IGNORE,
                configuration.limits().maxHelpers(),
                ConfineRequest.Way.PROGRAMS,
                log);
    }
}
