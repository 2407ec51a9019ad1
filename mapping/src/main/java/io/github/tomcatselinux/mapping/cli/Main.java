// SPDX-License-Identifier: Apache-2.0
// The command selinux-mapping.
package io.github.tomcatselinux.mapping.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks, explains, converts and drafts mapping files, and explains refusals. */
@Command(
        name = "selinux-mapping",
        description =
                "Checks, explains, converts and drafts the rules by which tomcat-selinux chooses a request's SELinux context; "
                        + "says why a request was refused.",
        subcommands = {Check.class, Explain.class, Convert.class, Suggest.class, Why.class, Doctor.class},
        mixinStandardHelpOptions = true,
        version = "selinux-mapping 0.1.0",
        synopsisSubcommandLabel = "(check | explain | convert | suggest | why | doctor)",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing to report",
            "1:there are findings, or a file was refused",
            "2:the command line is wrong"
        })
public final class Main implements Callable<Integer> {
    static final int FINE = 0;
    static final int FINDINGS = 1;
    static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "A subcommand is missing");
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setExpandAtFiles(false);
        line.setExecutionExceptionHandler((exception, command, result) -> {
            if (exception instanceof PolicyException) {
                command.getErr().println("selinux-mapping: " + exception.getMessage());
                return USAGE;
            }
            throw exception;
        });
        return line;
    }

    /** Runs the command; its exit status is the process's. */
    public static void main(String[] arguments) {
        CommandLine line = commandLine();
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(line.execute(arguments));
    }
}
