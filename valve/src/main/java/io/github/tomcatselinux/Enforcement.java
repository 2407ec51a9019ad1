// SPDX-License-Identifier: Apache-2.0
// Whether the kernel really confines, now and in a given context.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.OnNotEnforcing;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.Selinux.Mode;
import io.github.tomcatselinux.kernel.Selinux.Status;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.util.res.StringManager;

/**
 * Asked for every helper. That SELinux enforces is looked at each time; that a domain is not permissive, once until a
 * policy is loaded again. What cannot be found out counts as not confined.
 */
final class Enforcement {
    private static final StringManager SM = StringManager.getManager(Enforcement.class);

    private final Selinux selinux;
    private final boolean ignored;

    private volatile Checked checked = new Checked(-1, Set.of());

    /** The contexts found good under one policy. */
    private record Checked(int policyLoads, Set<String> contexts) {}

    Enforcement(Configuration configuration, Selinux selinux) {
        this.selinux = selinux;
        this.ignored = configuration.onNotEnforcing() == OnNotEnforcing.IGNORE;
    }

    /** Whether the kernel has SELinux; then there is no helper without a context. */
    boolean hasSelinux() throws ConfigurationException {
        return mode() != Mode.DISABLED;
    }

    /**
     * The mode of the whole system.
     *
     * @throws ConfigurationException if it cannot be found out
     */
    Mode mode() throws ConfigurationException {
        try {
            return selinux.status().mode();
        } catch (IOException unknown) {
            throw new ConfigurationException(SM.getString("enforcement.unknown", unknown.getMessage()), unknown);
        }
    }

    /** Why nothing would be confined now; empty if all is well or the administrator said to ignore it. */
    Optional<String> objection() {
        if (ignored) {
            return Optional.empty();
        }
        try {
            return objection(selinux.status());
        } catch (IOException unknown) {
            return Optional.of(SM.getString("enforcement.unknown", unknown.getMessage()));
        }
    }

    /** Why this context would confine nothing now; empty if all is well or the administrator said to ignore it. */
    Optional<String> objection(String context) {
        if (ignored) {
            return Optional.empty();
        }
        try {
            Status status = selinux.status();
            Optional<String> objection = objection(status);
            return objection.isPresent() ? objection : permissive(status, context);
        } catch (IOException unknown) {
            return Optional.of(SM.getString("enforcement.contextUnknown", context, unknown.getMessage()));
        }
    }

    private static Optional<String> objection(Status status) {
        return status.mode() == Mode.ENFORCING
                ? Optional.empty()
                : Optional.of(
                        SM.getString("enforcement.not", status.mode().toString().toLowerCase(Locale.ROOT)));
    }

    private Optional<String> permissive(Status status, String text) throws IOException {
        Checked known = checked;
        if (known.policyLoads() != status.policyLoads()) {
            known = new Checked(status.policyLoads(), ConcurrentHashMap.newKeySet());
            checked = known;
        }
        if (known.contexts().contains(text)) {
            return Optional.empty();
        }
        SecurityContext context = SecurityContext.parse(text);
        if (!selinux.isValid(context)) {
            return Optional.of(SM.getString("enforcement.invalid", text));
        }
        if (selinux.isPermissiveDomain(context)) {
            return Optional.of(SM.getString("enforcement.permissive", text, context.type()));
        }
        known.contexts().add(text);
        return Optional.empty();
    }
}
