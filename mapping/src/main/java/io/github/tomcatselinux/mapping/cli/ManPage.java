// SPDX-License-Identifier: Apache-2.0
// The manual page, made from the commands themselves.
package io.github.tomcatselinux.mapping.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes man(7) markup. Run by the build; not part of the command. */
final class ManPage {
    private final List<String> lines = new ArrayList<>();

    private ManPage() {}

    /** Writes the page to the file named. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text());
    }

    static String text() {
        ManPage page = new ManPage();
        CommandLine main = Main.commandLine();
        page.lines.add(".\\\" SPDX-License-Identifier: Apache-2.0");
        page.lines.add(".TH SELINUX\\-MAPPING 1 \"\" \"tomcat\\-selinux\" \"User Commands\"");
        page.section("NAME");
        page.lines.add(
                "selinux\\-mapping \\- check, explain, convert and draft tomcat\\-selinux mapping files, explain refusals");
        page.section("SYNOPSIS");
        main.getSubcommands().forEach((name, command) -> page.synopsis(command));
        page.section("DESCRIPTION");
        page.paragraph(main.getCommandSpec().usageMessage().description());
        main.getSubcommands().values().forEach(page::command);
        page.section("EXIT STATUS");
        page.exitStatus(main.getCommandSpec().usageMessage().exitCodeList());
        page.section("SEE ALSO");
        page.lines.add(".BR selinux (8),");
        page.lines.add(".BR setcon (3),");
        page.lines.add(".BR seinfo (1)");
        return String.join("\n", page.lines) + "\n";
    }

    private static String escaped(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private void section(String title) {
        lines.add(".SH " + title);
    }

    private void paragraph(String... text) {
        lines.add(".PP");
        for (String line : text) {
            lines.add(escaped(line));
        }
    }

    private void synopsis(CommandLine command) {
        StringBuilder operands = new StringBuilder();
        for (PositionalParamSpec operand : command.getCommandSpec().positionalParameters()) {
            operands.append(" \\fI").append(operand.paramLabel()).append("\\fR");
            operands.append(operand.arity().max() > 1 ? "..." : "");
        }
        lines.add(".B selinux\\-mapping " + command.getCommandName());
        lines.add("[\\fIoptions\\fR]" + operands);
        lines.add(".br");
    }

    private void command(CommandLine command) {
        lines.add(".SS " + command.getCommandName());
        for (String line : command.getCommandSpec().usageMessage().description()) {
            lines.add(escaped(line));
        }
        for (OptionSpec option : command.getCommandSpec().options()) {
            lines.add(".TP");
            String value = option.arity().max() > 0 && option.typeInfo().isBoolean()
                    ? ""
                    : " \\fI" + option.paramLabel() + "\\fR";
            lines.add("\\fB" + escaped(String.join(", ", option.names())) + "\\fR"
                    + (option.arity().max() > 0 ? value : ""));
            description(option);
        }
        lines.add(".PP");
        lines.add("Exit status:");
        exitStatus(command.getCommandSpec().usageMessage().exitCodeList());
    }

    private void description(OptionSpec option) {
        Collection<String> text = List.of(option.description());
        for (String line : text) {
            String filled = line.replace("$${DEFAULT-VALUE}", String.valueOf(option.defaultValue()))
                    .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()));
            lines.add(escaped(Ansi.OFF.string(filled)));
        }
    }

    private void exitStatus(Map<String, String> list) {
        list.forEach((status, meaning) -> {
            lines.add(".TP");
            lines.add("\\fB" + status + "\\fR");
            lines.add(escaped(meaning));
        });
    }
}
