// SPDX-License-Identifier: Apache-2.0
// What the command doctor has the valve's jar do.
package io.github.tomcatselinux.mapping.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/** Looks at an installation. It is in the valve's jar, found as a service: only the valve knows what it accepts. */
public interface Examination {
    /**
     * What to look at.
     *
     * @param serverXml Tomcat's configuration; empty for the system alone
     * @param base what relative names are relative to; empty for the folder above the one of {@code serverXml}
     * @param serverContext the context that Tomcat runs in
     * @param bundle where to write what a report of a bug needs
     */
    record Request(Optional<Path> serverXml, Optional<Path> base, String serverContext, Optional<Path> bundle) {}

    /**
     * Looks, and prints a line for each thing.
     *
     * @return the exit status
     */
    int examine(Request request, PrintWriter out);
}
