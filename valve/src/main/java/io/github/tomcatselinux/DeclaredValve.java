// SPDX-License-Identifier: Apache-2.0
// A valve as it is declared, without a Tomcat that runs it.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads attributes and rules by the code that the valve itself starts with.
 *
 * @param findings what is wrong with them
 * @param contexts that the rules name, each with where
 * @param allowKeepAlive the attribute
 * @param threads whether servlets run on confined threads
 * @param sockets of the launchers that the system runs, each with its unit
 * @param binaries of those that Tomcat runs
 */
public record DeclaredValve(
        List<Finding> findings,
        Map<String, String> contexts,
        boolean allowKeepAlive,
        boolean threads,
        Map<Path, String> sockets,
        Set<Path> binaries) {

    /**
     * Reads a declaration.
     *
     * @param attributes all but {@code className}
     * @param base what relative names are relative to
     * @param server the context that Tomcat runs in
     * @param place file and line of the declaration
     */
    public static DeclaredValve read(Map<String, String> attributes, Path base, SecurityContext server, String place) {
        List<Finding> findings = new ArrayList<>();
        Configuration configuration;
        try {
            configuration = Configuration.of(attributes, base);
        } catch (ConfigurationException wrong) {
            findings.add(Finding.error(Fault.CONFIGURATION, place + ": " + wrong.getMessage()));
            return new DeclaredValve(findings, Map.of(), true, false, Map.of(), Set.of());
        }
        findings.add(Finding.ok(Fault.CONFIGURATION, place + ": the valve's attributes are right"));
        Map<String, String> contexts = Map.of();
        try (Rules rules = Rules.read(configuration, server)) {
            contexts = rules.contexts();
            rules.warnings().forEach(warning -> findings.add(Finding.warning(Fault.MAPPING, warning.toString())));
            findings.add(Finding.ok(Fault.MAPPING, place + ": " + rules.rules().size() + " rules"));
        } catch (ConfigurationException wrong) {
            findings.add(Finding.error(Fault.MAPPING, place + ": " + wrong.getMessage()));
        }
        Map<Path, String> sockets = new LinkedHashMap<>();
        Set<Path> binaries = new LinkedHashSet<>();
        note(configuration.launcher(), "tomcat-selinux-launcher.socket", sockets, binaries);
        // Without the attribute it is looked for when an application wants to run a program.
        if (attributes.containsKey(Configuration.PROGRAM_LAUNCHER)
                && configuration.programs().mode() != ProgramSettings.Mode.OFF) {
            note(configuration.programs().launcher(), "tomcat-selinux-programs.socket", sockets, binaries);
        }
        return new DeclaredValve(
                findings,
                contexts,
                configuration.allowKeepAlive(),
                configuration.threads().servlets() == ThreadSettings.Servlets.THREAD,
                sockets,
                binaries);
    }

    private static void note(LauncherChoice launcher, String unit, Map<Path, String> sockets, Set<Path> binaries) {
        if (launcher instanceof LauncherChoice.Service service) {
            sockets.put(service.socket(), unit);
        } else if (launcher instanceof LauncherChoice.Child child) {
            binaries.add(child.binary());
        }
    }
}
