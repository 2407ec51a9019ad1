// SPDX-License-Identifier: Apache-2.0
// A valve as it is declared, without a Tomcat that runs it.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads attributes and rules by the code that the valve itself starts with.
 *
 * @param findings what is wrong with them
 * @param contexts that the rules name, each with where
 * @param allowKeepAlive the attribute
 * @param threads whether servlets run on confined threads
 * @param socket of the launcher, where the system runs it
 * @param binary of the launcher, where Tomcat does
 */
public record DeclaredValve(
        List<Finding> findings,
        Map<String, String> contexts,
        boolean allowKeepAlive,
        boolean threads,
        Optional<Path> socket,
        Optional<Path> binary) {

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
            return new DeclaredValve(findings, Map.of(), true, false, Optional.empty(), Optional.empty());
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
        LauncherChoice launcher = configuration.launcher();
        return new DeclaredValve(
                findings,
                contexts,
                configuration.allowKeepAlive(),
                configuration.threads().servlets() == ThreadSettings.Servlets.THREAD,
                launcher instanceof LauncherChoice.Service service ? Optional.of(service.socket()) : Optional.empty(),
                launcher instanceof LauncherChoice.Child child ? Optional.of(child.binary()) : Optional.empty());
    }
}
