// SPDX-License-Identifier: Apache-2.0
// selinux-mapping explain
package io.github.tomcatselinux.mapping.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.tomcatselinux.mapping.Decision;
import io.github.tomcatselinux.mapping.Explanation;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.IpAddress;
import io.github.tomcatselinux.mapping.Roles;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.RuleSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says which rule decides about a request, and why each earlier one does not match. */
@Command(
        name = "explain",
        description = "Says which rule decides about a request, and why each earlier one does not match.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the decision has been printed, whatever it is",
            "1:the file was refused",
            "2:the command line is wrong"
        })
final class Explain implements Callable<Integer> {
    private static final int SHOWN = 50;

    @Parameters(paramLabel = "FILE", description = "A mapping file; a name in .json means the JSON form.")
    private Path file = Path.of("");

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "The authenticated user; without it, an anonymous request.")
    private Optional<String> user = Optional.empty();

    @Option(names = "--role", paramLabel = "ROLE", description = "A role of the user; may be repeated.")
    private List<String> roles = List.of();

    @Option(
            names = "--addr",
            paramLabel = "ADDRESS",
            description = "The client's address; without it, a request that has none.")
    private Optional<String> address = Optional.empty();

    @Option(names = "--host", paramLabel = "HOST", description = "The virtual host.")
    private Optional<String> host = Optional.empty();

    @Option(names = "--path", paramLabel = "PATH", defaultValue = "/", description = "The decoded path (default: /).")
    private String path = "/";

    @Option(names = "--method", paramLabel = "METHOD", defaultValue = "GET", description = "The method (default: GET).")
    private String method = "GET";

    @Option(names = "--all", description = "Show all earlier rules, not only the last " + SHOWN + ".")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Identity identity = identity();
        Loading loading = Loading.of(file);
        PrintWriter out = spec.commandLine().getOut();
        if (loading.rules().isEmpty()) {
            if (json) {
                Report.print(out, generator -> {
                    generator.writeStartObject();
                    generator.writeFieldName("findings");
                    Report.findings(generator, loading.findings());
                    generator.writeEndObject();
                });
            } else {
                loading.findings().forEach(spec.commandLine().getErr()::println);
            }
            return Main.FINDINGS;
        }
        RuleSet rules = loading.rules().get();
        Explanation explanation = Explanation.of(rules, identity);
        if (json) {
            Report.print(out, generator -> write(generator, explanation));
        } else {
            print(out, explanation);
        }
        return Main.FINE;
    }

    private Identity identity() {
        if (user.isEmpty() && !roles.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--role needs --user: an anonymous request has no roles");
        }
        if (!path.startsWith("/") && !path.equals("*")) {
            throw new ParameterException(spec.commandLine(), "--path: \"" + path + "\" does not begin with a slash");
        }
        Identity.Builder identity = Identity.builder().path(path).method(method);
        user.ifPresent(identity::user);
        identity.roles(Roles.of(roles));
        address.ifPresent(literal -> identity.address(IpAddress.parse(literal)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--addr: \"" + literal + "\" is not the literal of an address"))));
        host.ifPresent(identity::host);
        return identity.build();
    }

    private void print(PrintWriter out, Explanation explanation) {
        Optional<Rule> rule = rule(explanation.decision());
        out.println(rule.map(by -> by.target() + "\n  because of " + by)
                .orElse("none\n  no rule of " + file + " matches; defaultContext or onNoMatch decides"));
        List<Explanation.Mismatch> earlier = explanation.earlier();
        int from = all ? 0 : Math.max(0, earlier.size() - SHOWN);
        if (!earlier.isEmpty()) {
            out.println("these do not match:");
        }
        if (from > 0) {
            out.println("  (" + from + " more before these; --all shows them)");
        }
        for (Explanation.Mismatch mismatch : earlier.subList(from, earlier.size())) {
            out.println("  " + mismatch.rule() + "\n    " + mismatch.reason());
        }
    }

    private void write(JsonGenerator generator, Explanation explanation) throws IOException {
        Optional<Rule> rule = rule(explanation.decision());
        generator.writeStartObject();
        generator.writeStringField("decision", word(explanation.decision()));
        generator.writeStringField("context", context(explanation.decision()).orElse(null));
        generator.writeStringField("file", rule.map(Rule::file).orElse(file.toString()));
        if (rule.isPresent()) {
            generator.writeNumberField("line", rule.get().line());
        } else {
            generator.writeNullField("line");
        }
        generator.writeStringField("rule", rule.map(Rule::source).orElse(null));
        generator.writeArrayFieldStart("earlier");
        for (Explanation.Mismatch mismatch : explanation.earlier()) {
            generator.writeStartObject();
            generator.writeStringField("file", mismatch.rule().file());
            generator.writeNumberField("line", mismatch.rule().line());
            generator.writeStringField("rule", mismatch.rule().source());
            generator.writeStringField("reason", mismatch.reason());
            generator.writeEndObject();
        }
        generator.writeEndArray();
        generator.writeEndObject();
    }

    /** The rule behind a decision. */
    private static Optional<Rule> rule(Decision decision) {
        if (decision instanceof Decision.Confine confine) {
            return Optional.of(confine.rule());
        } else if (decision instanceof Decision.Principal principal) {
            return Optional.of(principal.rule());
        } else if (decision instanceof Decision.Login login) {
            return Optional.of(login.rule());
        } else if (decision instanceof Decision.Unchanged unchanged) {
            return Optional.of(unchanged.rule());
        } else if (decision instanceof Decision.Deny deny) {
            return Optional.of(deny.rule());
        }
        return Optional.empty();
    }

    private static Optional<String> context(Decision decision) {
        return word(decision).equals("confine")
                ? rule(decision).map(by -> by.target().toString())
                : Optional.empty();
    }

    /** A context from outside the file confines too; which one it is, the file does not say. */
    private static String word(Decision decision) {
        if (decision instanceof Decision.Unchanged) {
            return "unchanged";
        }
        if (decision instanceof Decision.Deny) {
            return "deny";
        }
        return decision instanceof Decision.NoMatch ? "none" : "confine";
    }
}
