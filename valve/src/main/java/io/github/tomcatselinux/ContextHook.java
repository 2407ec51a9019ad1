// SPDX-License-Identifier: Apache-2.0
// Finds every application below a container and puts the confinement into it as it starts.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.catalina.Authenticator;
import org.apache.catalina.Container;
import org.apache.catalina.ContainerEvent;
import org.apache.catalina.ContainerListener;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Valve;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.tomcat.util.res.StringManager;

/**
 * Listens to the containers below the declared valve. A child is announced before it starts, and Tomcat's own
 * {@code ContextConfig} listens earlier, so that at {@code CONFIGURE_START} the authenticator is in place and the
 * pipeline has not started yet: a valve added then that cannot start keeps the application from starting.
 */
final class ContextHook implements ContainerListener, LifecycleListener {
    private static final StringManager SM = StringManager.getManager(ContextHook.class);

    private final SelinuxValve valve;

    ContextHook(SelinuxValve valve) {
        this.valve = valve;
    }

    void govern(Container container) {
        if (container instanceof Context context) {
            context.addLifecycleListener(this);
            context.addContainerListener(this);
        } else {
            container.addContainerListener(this);
            for (Container child : container.findChildren()) {
                govern(child);
            }
        }
    }

    void release(Container container) {
        if (container instanceof Context context) {
            context.removeLifecycleListener(this);
            context.removeContainerListener(this);
        } else {
            container.removeContainerListener(this);
            for (Container child : container.findChildren()) {
                release(child);
            }
        }
    }

    @Override
    public void containerEvent(ContainerEvent event) {
        if (event.getContainer() instanceof Context context) {
            // A servlet that comes late: what comes at the start is looked at then.
            if (Container.ADD_CHILD_EVENT.equals(event.getType())
                    && !valve.reports()
                    && context.getState().isAvailable()) {
                valve.servlets(context);
            }
        } else if (Container.ADD_CHILD_EVENT.equals(event.getType())) {
            govern((Container) event.getData());
        } else if (Container.REMOVE_CHILD_EVENT.equals(event.getType())) {
            release((Container) event.getData());
        }
    }

    @Override
    public void lifecycleEvent(LifecycleEvent event) {
        if (!(event.getLifecycle() instanceof Context context)) {
            return;
        }
        if (valve.reports()) {
            if (event.getType().equals(Lifecycle.CONFIGURE_START_EVENT)) {
                addOnce(
                        context,
                        new ReportValve(valve),
                        (there, ours) -> there.getPipeline().addValve(ours));
            }
            return;
        }
        switch (event.getType()) {
            case Lifecycle.BEFORE_START_EVENT -> {
                replaceResources(context);
                addOnce(context, new ErrorPageValve(valve), PipelineFront::put);
            }
            case Lifecycle.CONFIGURE_START_EVENT -> {
                addOnce(
                        context,
                        new ConfinementValve(valve),
                        (there, ours) -> there.getPipeline().addValve(ours));
                guardSendfile(context);
                ForwardedWebdav.install(context);
                valve.servlets(context);
            }
            // What ServletContainerInitializers and listeners have added since.
            case Lifecycle.AFTER_START_EVENT -> {
                valve.servlets(context);
                initializeServlets(context);
            }
            case Lifecycle.BEFORE_STOP_EVENT -> valve.stopping(context);
            default -> {
                // The other steps of an application's life do not concern us.
            }
        }
    }

    /**
     * Puts our root in place of Tomcat's own, with what the administrator set there. Where one of another class stands it
     * is left, so that the refusal can be reported at {@link #requireOurs}: an exception here would only be logged.
     */
    private void replaceResources(Context context) {
        WebResourceRoot there = context.getResources();
        if (there == null) {
            context.setResources(new ConfinedRoot(context, valve::allowsCaches));
        } else if (there.getClass() == StandardRoot.class) {
            context.setResources(ConfinedRoot.inPlaceOf((StandardRoot) there, valve::allowsCaches));
        }
    }

    private void initializeServlets(Context context) {
        for (Valve other : context.getPipeline().getValves()) {
            if (other instanceof ConfinementValve ours && ours.declared() == valve) {
                ours.initializeServlets();
            }
        }
    }

    /** Tomcat forgets its listeners when an application stops. */
    private static void guardSendfile(Context context) {
        Object[] there = context.getApplicationEventListeners();
        if (Arrays.stream(there).noneMatch(SendfileGuard.class::isInstance)) {
            Object[] all = Arrays.copyOf(there, there.length + 1);
            all[there.length] = new SendfileGuard();
            context.setApplicationEventListeners(all);
        }
    }

    private static <V extends Installed> void addOnce(Context context, V ours, BiConsumer<Context, V> add) {
        boolean there = Arrays.stream(context.getPipeline().getValves())
                .anyMatch(other ->
                        other.getClass() == ours.getClass() && ((Installed) other).declared() == ours.declared());
        if (!there) {
            add.accept(context, ours);
        }
    }

    /**
     * Checks that an application about to start will really be confined.
     *
     * @return its files
     * @throws ConfigurationException if something stands in the way
     */
    static ConfinedRoot requireOurs(Context context, ConfinementValve ours) throws ConfigurationException {
        WebResourceRoot resources = context.getResources();
        if (!(resources instanceof ConfinedRoot root)) {
            throw new ConfigurationException(SM.getString(
                    "hook.resources",
                    resources == null ? "none" : resources.getClass().getName()));
        }
        requireOne(context, ours);
        boolean passed = false;
        for (Valve other : context.getPipeline().getValves()) {
            if (other == ours) {
                passed = true;
            } else if (passed && other instanceof Authenticator) {
                throw new ConfigurationException(
                        SM.getString("hook.order", other.getClass().getName()));
            } else if (other instanceof ErrorPageValve pages) {
                requireFirst(context, pages);
            }
        }
        return root;
    }

    /**
     * Checks that no other declared valve governs an application, too.
     *
     * @throws ConfigurationException naming both
     */
    static void requireOne(Context context, Installed ours) throws ConfigurationException {
        for (Valve other : context.getPipeline().getValves()) {
            if (other != ours && (other instanceof ConfinementValve || other instanceof ReportValve)) {
                throw new ConfigurationException(SM.getString(
                        "hook.nested",
                        ((Installed) other).declared().place(),
                        ours.declared().place()));
            }
        }
    }

    /** Whatever stands before it and reports an error would have Tomcat run the page for that as the server. */
    private static void requireFirst(Context context, ErrorPageValve pages) throws ConfigurationException {
        Optional<Valve> before = PipelineFront.before(context, pages);
        if (before.isPresent() && context.findErrorPages().length > 0) {
            throw new ConfigurationException(
                    SM.getString("hook.errorPages", before.get().getClass().getName()));
        }
    }
}
