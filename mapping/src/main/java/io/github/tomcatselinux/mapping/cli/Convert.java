// SPDX-License-Identifier: Apache-2.0
// selinux-mapping convert
package io.github.tomcatselinux.mapping.cli;

import io.github.tomcatselinux.mapping.ClassicWriter;
import io.github.tomcatselinux.mapping.JsonWriter;
import io.github.tomcatselinux.mapping.MappingFinding;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.Severity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a file in the other format. */
@Command(
        name = "convert",
        description = {
            "Writes the rules in the other format to standard output. Comments are lost.",
            "The classic format cannot say everything: a rule that it cannot is named, and nothing is written."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the rules have been written",
            "1:the file was refused, or the other format cannot say it",
            "2:the command line is wrong"
        })
final class Convert implements Callable<Integer> {
    /** The two formats. */
    enum Format {
        classic,
        json
    }

    @Parameters(paramLabel = "FILE", description = "A mapping file; a name in .json means the JSON form.")
    private Path file = Path.of("");

    @Option(
            names = "--to",
            paramLabel = "FORMAT",
            description = "classic or json; without it, the one that the file is not in.")
    private Optional<Format> to = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object with the text and the findings.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Loading loading = Loading.of(file);
        List<MappingFinding> findings = new ArrayList<>(loading.rules().isPresent() ? List.of() : loading.findings());
        Format format = to.orElse(file.toString().endsWith(".json") ? Format.classic : Format.json);
        Optional<String> text = loading.rules().flatMap(rules -> text(format, rules.rules(), findings));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Report.print(out, generator -> {
                generator.writeStartObject();
                generator.writeStringField("format", format.name());
                generator.writeStringField("text", text.orElse(null));
                generator.writeFieldName("findings");
                Report.findings(generator, findings);
                generator.writeEndObject();
            });
        } else {
            findings.forEach(spec.commandLine().getErr()::println);
            text.ifPresent(out::print);
            out.flush();
        }
        return text.isPresent() ? Main.FINE : Main.FINDINGS;
    }

    private static Optional<String> text(Format format, List<Rule> rules, List<MappingFinding> findings) {
        if (format == Format.json) {
            return Optional.of(JsonWriter.file(rules));
        }
        StringBuilder text = new StringBuilder();
        for (Rule rule : rules) {
            Optional<List<String>> lines = ClassicWriter.lines(rule);
            lines.ifPresent(some -> some.forEach(line -> text.append(line).append('\n')));
            if (lines.isEmpty()) {
                findings.add(new MappingFinding(
                        Severity.ERROR,
                        rule.file(),
                        rule.line(),
                        rule.column(),
                        "the classic format cannot say this rule",
                        "",
                        "",
                        "it knows one user, role or network a line; the rest needs the JSON form"));
            }
        }
        return findings.isEmpty() ? Optional.of(text.toString()) : Optional.empty();
    }
}
