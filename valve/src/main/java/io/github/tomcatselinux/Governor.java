// SPDX-License-Identifier: Apache-2.0
// One SelinuxValve at work: its rules, its launcher and its view of the kernel.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import io.github.tomcatselinux.Configuration.OnNotEnforcing;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.Selinux.Mode;
import io.github.tomcatselinux.launcher.ChildLauncher;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Launcher;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.Reload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Everything that the requests of one declared valve share. It exists only if it could confine when it was made: the
 * kernel enforces (or the administrator said to ignore that), the rules are right, the launcher is there, and a helper
 * took every context that the rules name.
 */
final class Governor implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(Governor.class);

    private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration PREFLIGHT_TIMEOUT = Duration.ofSeconds(10);

    /** Where the kernel has no SELinux there are no contexts; these parts only fill a place in the log. */
    private static final SecurityContext NO_CONTEXT = new SecurityContext("system_u", "system_r", "none", "s0");

    private final Configuration configuration;
    private final Selinux selinux;
    private final Rules rules;
    private final Launcher launcher;

    private Governor(Configuration configuration, Selinux selinux, Rules rules, Launcher launcher) {
        this.configuration = configuration;
        this.selinux = selinux;
        this.rules = rules;
        this.launcher = launcher;
    }

    /**
     * Checks everything and starts what must run.
     *
     * @param place the container that the valve is declared on, for the log
     * @throws ConfigurationException naming what is wrong; then nothing is left running
     */
    static Governor start(Configuration configuration, Selinux selinux, String place) throws ConfigurationException {
        Mode mode = requireEnforcing(configuration, selinux);
        SecurityContext own = ownContext(selinux, mode);
        Rules rules = Rules.read(configuration, own);
        Launcher launcher = startLauncher(configuration, mode == Mode.DISABLED ? Optional.empty() : Optional.of(own));
        Governor governor = new Governor(configuration, selinux, rules, launcher);
        try {
            governor.preflight(mode);
        } catch (ConfigurationException failed) {
            governor.close();
            throw failed;
        }
        governor.warn();
        LOG.info(SM.getString(
                "governor.started",
                place,
                configuration.summary(),
                mode == Mode.DISABLED ? "no SELinux" : own.toString(),
                launcher,
                String.valueOf(rules.rules().size())));
        return governor;
    }

    Configuration configuration() {
        return configuration;
    }

    /** What is to be done with a request of this identity. */
    Verdict decide(Identity identity) {
        return rules.decide(identity);
    }

    /** A reason to refuse every request now: SELinux has stopped to enforce. Empty if all is well. */
    Optional<String> notEnforcing() {
        if (configuration.onNotEnforcing() == OnNotEnforcing.IGNORE) {
            return Optional.empty();
        }
        try {
            Mode mode = selinux.mode();
            return mode == Mode.ENFORCING ? Optional.empty() : Optional.of(name(mode));
        } catch (IOException unknown) {
            return Optional.of(SM.getString("governor.unknownMode", unknown.getMessage()));
        }
    }

    /**
     * A helper that took this context.
     *
     * @throws HelperException if there is none
     */
    HelperConnection helper(String context, String requestId, Path root) throws HelperException {
        return launcher.confined(new ConfineRequest(context, requestId, root, PROGRESS_TIMEOUT, Duration.ZERO));
    }

    /** Called every now and then by Tomcat's background thread. */
    void background() {
        rules.poll().ifPresent(this::report);
        if (launcher instanceof ChildLauncher child) {
            try {
                if (child.revive()) {
                    LOG.error(SM.getString("governor.launcher.revived", child));
                }
            } catch (HelperException dead) {
                LOG.error(dead.getMessage());
            }
        }
    }

    private void report(Reload news) {
        String file = configuration.mappingFile().map(Path::toString).orElse("");
        if (news instanceof Reload.Accepted) {
            LOG.info(SM.getString("governor.mapping.accepted", file));
            warn();
        } else if (news instanceof Reload.Rejected rejected) {
            LOG.error(SM.getString(
                    "governor.mapping.rejected", file, rejected.reason().getMessage()));
        } else {
            LOG.info(SM.getString("governor.mapping.restored", file));
        }
    }

    @Override
    public void close() {
        launcher.close();
    }

    private static Mode requireEnforcing(Configuration configuration, Selinux selinux) throws ConfigurationException {
        Mode mode;
        try {
            mode = selinux.mode();
        } catch (IOException unknown) {
            throw new ConfigurationException(SM.getString("governor.unknownMode", unknown.getMessage()), unknown);
        }
        if (mode != Mode.ENFORCING) {
            if (configuration.onNotEnforcing() == OnNotEnforcing.FAIL) {
                throw new ConfigurationException(SM.getString("governor.notEnforcing.fail", name(mode)));
            }
            LOG.error(SM.getString("governor.notEnforcing.ignore", name(mode).toUpperCase(Locale.ROOT)));
        }
        return mode;
    }

    private static SecurityContext ownContext(Selinux selinux, Mode mode) throws ConfigurationException {
        if (mode == Mode.DISABLED) {
            return NO_CONTEXT;
        }
        try {
            return selinux.ownContext();
        } catch (IOException unknown) {
            throw new ConfigurationException(
                    SM.getString("governor.context.unknown", "/proc/self/attr/current", unknown.getMessage()), unknown);
        }
    }

    private static Launcher startLauncher(Configuration configuration, Optional<SecurityContext> own)
            throws ConfigurationException {
        if (configuration.launcher() instanceof LauncherChoice.Service service) {
            return Launcher.service(service.socket());
        }
        Path binary = ((LauncherChoice.Child) configuration.launcher()).binary();
        try {
            return ChildLauncher.start(
                    binary,
                    own.map(SecurityContext::type),
                    configuration.onNotEnforcing() == OnNotEnforcing.IGNORE,
                    line -> LOG.warn(SM.getString("governor.launcher.said", line)));
        } catch (HelperException failed) {
            throw new ConfigurationException(failed.getMessage(), failed);
        }
    }

    /** Lets a helper take every context once, so that a refusal is known before the first request. */
    private void preflight(Mode mode) throws ConfigurationException {
        for (Map.Entry<String, String> entry : rules.contexts().entrySet()) {
            String context = entry.getKey();
            if (mode != Mode.DISABLED) {
                askKernel(context, entry.getValue());
            }
            ConfineRequest request =
                    new ConfineRequest(context, "preflight", Path.of("/"), PREFLIGHT_TIMEOUT, PREFLIGHT_TIMEOUT);
            try (HelperConnection helper = launcher.confined(request)) {
                LOG.debug(
                        "preflight: {} as pid {}", context, helper.confinement().pid());
            } catch (HelperException failed) {
                throw new ConfigurationException(
                        SM.getString("governor.context.untried", context, entry.getValue(), failed.getMessage()),
                        failed);
            }
        }
    }

    private void askKernel(String text, String namedBy) throws ConfigurationException {
        try {
            SecurityContext context = SecurityContext.parse(text);
            if (!selinux.isValid(context)) {
                throw new ConfigurationException(SM.getString("governor.context.invalid", text, namedBy));
            }
            if (selinux.isPermissiveDomain(context) && configuration.onNotEnforcing() == OnNotEnforcing.FAIL) {
                throw new ConfigurationException(
                        SM.getString("governor.context.permissive", text, namedBy, context.type()));
            }
        } catch (IOException unknown) {
            throw new ConfigurationException(
                    SM.getString("governor.context.unknown", text, unknown.getMessage()), unknown);
        }
    }

    private void warn() {
        rules.warnings().forEach(warning -> LOG.warn(SM.getString("governor.warning", warning)));
        if (configuration.onNoMatch() == Configuration.OnNoMatch.UNCHANGED
                && configuration.defaultContext().isEmpty()) {
            LOG.warn(SM.getString("governor.noCatchAll"));
        }
    }

    private static String name(Mode mode) {
        return mode.toString().toLowerCase(Locale.ROOT);
    }
}
