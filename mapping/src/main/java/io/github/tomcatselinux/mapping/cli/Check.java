// SPDX-License-Identifier: Apache-2.0
// selinux-mapping check
package io.github.tomcatselinux.mapping.cli;

import io.github.tomcatselinux.mapping.ContextTemplate;
import io.github.tomcatselinux.mapping.MappingFinding;
import io.github.tomcatselinux.mapping.RuleSet;
import io.github.tomcatselinux.mapping.Severity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads files and reports everything that is wrong or doubtful in them. */
@Command(
        name = "check",
        description = "Reports every error and every doubt in mapping files.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:no findings",
            "1:at least one finding; with --errors-only, at least one error",
            "2:the command line is wrong, or the policy cannot be asked"
        })
final class Check implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Mapping files; a name in .json means the JSON form.")
    private List<Path> files = List.of();

    @Option(names = "--json", description = "Print the findings as a JSON array.")
    private boolean json;

    @Option(names = "--errors-only", description = "Leave warnings out, also from the exit status.")
    private boolean errorsOnly;

    @ArgGroup
    private Source source = new Source();

    @Option(
            names = "--base-domain",
            paramLabel = "DOMAIN",
            defaultValue = "base_webapp_t",
            description = "What a domain of * stands for (default: ${DEFAULT-VALUE}).")
    private String baseDomain = "base_webapp_t";

    @Option(
            names = "--server-context",
            paramLabel = "CONTEXT",
            defaultValue = "system_u:system_r:tomcat_t:s0",
            description = "The context Tomcat runs in, for --live and --policy (default: ${DEFAULT-VALUE}).")
    private String serverContext = "system_u:system_r:tomcat_t:s0";

    @Option(
            names = "--launcher-domain",
            paramLabel = "DOMAIN",
            defaultValue = "tomcat_launcher_t",
            description = "The domain that must be able to enter the contexts (default: ${DEFAULT-VALUE}).")
    private String launcherDomain = "tomcat_launcher_t";

    @Spec
    private CommandSpec spec;

    /** Where the policy is, if it is to be asked. */
    static final class Source {
        @Option(names = "--live", description = "Also ask the policy of the running system about each context.")
        private boolean live;

        @Option(
                names = "--policy",
                paramLabel = "POLICY",
                description = "Also ask this binary policy about each context; needs setools.")
        private Optional<Path> policy = Optional.empty();
    }

    @Override
    public Integer call() throws PolicyException {
        PrintWriter out = spec.commandLine().getOut();
        List<MappingFinding> shown = new ArrayList<>();
        for (Path file : files) {
            Loading loading = Loading.of(file);
            List<MappingFinding> findings = new ArrayList<>(loading.findings());
            if (loading.rules().isPresent() && (source.live || source.policy.isPresent())) {
                findings.addAll(check().of(loading.rules().get()));
            }
            if (errorsOnly) {
                findings.removeIf(finding -> finding.severity() != Severity.ERROR);
            }
            shown.addAll(findings);
            if (!json) {
                findings.forEach(out::println);
                loading.rules().ifPresent(rules -> summary(file, rules, out));
            }
        }
        if (json) {
            Report.print(out, generator -> Report.findings(generator, shown));
        }
        return shown.isEmpty() ? Main.FINE : Main.FINDINGS;
    }

    private PolicyCheck check() throws PolicyException {
        Policy policy = source.live ? LivePolicy.open() : new PolicyFile(source.policy.get());
        return new PolicyCheck(policy, ServerContext.parse(serverContext), launcherDomain, baseDomain);
    }

    private void summary(Path file, RuleSet rules, PrintWriter out) {
        out.println(file + ": " + rules.rules().size() + " rules, "
                + rules.contexts().size() + " contexts");
        for (ContextTemplate context : rules.contexts()) {
            if (context.domain().isEmpty()) {
                out.println("  " + context + " means " + baseDomain + " at "
                        + context.range().orElse("the low level of the server's range"));
            }
        }
    }
}
