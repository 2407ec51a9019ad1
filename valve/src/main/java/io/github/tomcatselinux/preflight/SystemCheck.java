// SPDX-License-Identifier: Apache-2.0
// Whether SELinux confines on this machine, now and after it was started again.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.Selinux.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.tomcat.util.res.StringManager;

/** The mode, the policy that is loaded, our module in it, and the domain that Tomcat runs in. */
public final class SystemCheck implements Check {
    private static final StringManager SM = StringManager.getManager(SystemCheck.class);
    private static final Path SETTINGS = Path.of("/etc/selinux/config");
    private static final List<String> KNOWN_POLICIES = List.of("default", "targeted", "mls");
    private static final String SERVER_DOMAIN = "tomcat_t";
    private static final String UNKNOWN = "unknown";

    private final Selinux selinux;
    private final Path settings;
    private final boolean ignored;
    private final Optional<SecurityContext> server;

    /**
     * Looks at the running system.
     *
     * @param ignored whether the administrator said to run without protection
     * @param server Tomcat's own context; empty where it is not known
     */
    public SystemCheck(Selinux selinux, boolean ignored, Optional<SecurityContext> server) {
        this(selinux, SETTINGS, ignored, server);
    }

    SystemCheck(Selinux selinux, Path settings, boolean ignored, Optional<SecurityContext> server) {
        this.selinux = selinux;
        this.settings = settings;
        this.ignored = ignored;
        this.server = server;
    }

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        try {
            Mode mode = selinux.status().mode();
            if (mode == Mode.DISABLED) {
                findings.add(notEnforcing(SM.getString("system.disabled")));
                return findings;
            }
            if (mode == Mode.PERMISSIVE) {
                findings.add(notEnforcing(SM.getString("system.permissive")));
            }
            String policy = setting("SELINUXTYPE");
            if (mode == Mode.ENFORCING) {
                findings.add(Finding.ok(Fault.SYSTEM, SM.getString("system.ok", policy, version())));
            }
            atNextStart(findings, policy);
            domain().ifPresent(findings::add);
        } catch (IOException unknown) {
            findings.add(notEnforcing(SM.getString("system.unknown", unknown.getMessage())));
        }
        return findings;
    }

    private Finding notEnforcing(String text) {
        return ignored ? Finding.warning(Fault.SYSTEM, text) : Finding.error(Fault.SYSTEM, text);
    }

    private void atNextStart(List<Finding> findings, String policy) {
        String mode = setting("SELINUX");
        if (!mode.equals("enforcing")) {
            findings.add(Finding.warning(Fault.SYSTEM, SM.getString("system.nextStart", settings, mode)));
        }
        if (!KNOWN_POLICIES.contains(policy)) {
            findings.add(Finding.warning(
                    Fault.SYSTEM, SM.getString("system.policy", settings, policy, String.join(", ", KNOWN_POLICIES))));
        }
    }

    /** Whether our module is loaded, and Tomcat in its domain. */
    private Optional<Finding> domain() {
        try {
            SecurityContext asked = server.isPresent() ? server.get() : selinux.ownContext();
            SecurityContext launcher =
                    new SecurityContext(asked.user(), "object_r", "tomcat_launcher_t", asked.lowLevel());
            if (!selinux.isValid(launcher)) {
                return Optional.of(Finding.error(Fault.SYSTEM, SM.getString("system.module")));
            }
            return server.filter(own -> !own.type().equals(SERVER_DOMAIN))
                    .map(own -> Finding.warning(Fault.SYSTEM, SM.getString("system.domain", own)));
        } catch (IOException silent) {
            return Optional.of(Finding.warning(Fault.SYSTEM, SM.getString("system.silent", silent.getMessage())));
        }
    }

    private String version() {
        try {
            return selinux.policyVersion();
        } catch (IOException unreadable) {
            return UNKNOWN;
        }
    }

    /** From {@code /etc/selinux/config}, which is read when the machine starts. */
    private String setting(String name) {
        try (var lines = Files.lines(settings)) {
            return lines.map(String::strip)
                    .filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
                    .reduce((first, last) -> last)
                    .orElse(UNKNOWN);
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return UNKNOWN;
        }
    }
}
