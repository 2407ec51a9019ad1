// SPDX-License-Identifier: Apache-2.0
// selinux-mapping doctor
package io.github.tomcatselinux.mapping.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at an installation without starting Tomcat. */
@Command(
        name = "doctor",
        description = {
            "Looks at SELinux, the launcher, and Tomcat's configuration without starting Tomcat.",
            "Prints a line for each thing that it looked at; what is wrong is named with file and line, and with the"
                    + " command that mends it. Contexts are not tried, only Tomcat may do that: the policy is asked."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all is well",
            "1:there are warnings, and no errors",
            "2:the command line is wrong, or the valve or Tomcat is not installed",
            "3:server.xml, or a file like it, is wrong",
            "4:a mapping file is wrong",
            "5:SELinux does not enforce, or lacks the module",
            "6:the launcher cannot be reached",
            "7:a context cannot be taken",
            "8:a label is wrong",
            "9:a connector or another valve stands in the way"
        })
final class Doctor implements Callable<Integer> {
    @Option(
            names = "--server-xml",
            paramLabel = "FILE",
            description = "Tomcat's configuration; without it, the system alone.")
    private Optional<Path> serverXml = Optional.empty();

    @Option(
            names = "--catalina-base",
            paramLabel = "FOLDER",
            description = "What relative names are relative to; without it, the folder above that of FILE.")
    private Optional<Path> base = Optional.empty();

    @Option(
            names = "--server-context",
            paramLabel = "CONTEXT",
            defaultValue = "system_u:system_r:tomcat_t:s0",
            description = "The context Tomcat runs in (default: ${DEFAULT-VALUE}).")
    private String serverContext = "system_u:system_r:tomcat_t:s0";

    @Option(
            names = "--bundle",
            paramLabel = "ZIP",
            description = "Write what a report of a bug needs to this file, without passwords.")
    private Optional<Path> bundle = Optional.empty();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws PolicyException {
        ServerContext.parse(serverContext);
        if (serverXml.isPresent() && !Files.isReadable(serverXml.get())) {
            throw new PolicyException("--server-xml: " + serverXml.get() + " cannot be read");
        }
        Examination examination = ServiceLoader.load(Examination.class)
                .findFirst()
                .orElseThrow(() -> new PolicyException("doctor needs the valve's jar and Tomcat's own: set"
                        + " CATALINA_HOME to where Tomcat is installed"));
        return examination.examine(
                new Examination.Request(serverXml, base, serverContext, bundle),
                spec.commandLine().getOut());
    }
}
