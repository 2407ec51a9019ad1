// SPDX-License-Identifier: Apache-2.0
// selinux-mapping suggest
package io.github.tomcatselinux.mapping.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.github.tomcatselinux.mapping.IpAddress;
import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.Mappings;
import io.github.tomcatselinux.mapping.suggest.DryRunLog;
import io.github.tomcatselinux.mapping.suggest.Groups;
import io.github.tomcatselinux.mapping.suggest.Labels;
import io.github.tomcatselinux.mapping.suggest.Observation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Drafts rules, or the commands that label files, from what a dry run has logged. */
@Command(
        name = "suggest",
        description = {
            "Drafts a mapping file from the events of a dry run (enforcement=\"report\"), or with --labels the commands that",
            "label files so that those who used them may go on. Only what was seen is in it, so read it before you use it.",
            "It suggests no rules of policy."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the draft has been printed",
            "1:the events cannot be read, or there is something that no draft mends; it is named",
            "2:the command line is wrong, or the policy cannot be asked"
        })
final class Suggest implements Callable<Integer> {
    private static final String BASE_DOMAIN = "base_webapp_t";

    @Option(
            names = "--events",
            paramLabel = "FILE",
            required = true,
            description = "A file of events, one JSON object a line; may be repeated.")
    private List<Path> events = List.of();

    @Option(names = "--labels", description = "Print a shell script of semanage and restorecon instead of the mapping.")
    private boolean labels;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "user",
            description = "Give a context to each user or to each role (default: ${DEFAULT-VALUE}).")
    private Groups.By by = Groups.By.user;

    @Option(
            names = "--first-category",
            paramLabel = "NUMBER",
            defaultValue = "0",
            description = "The least category to give away (default: ${DEFAULT-VALUE}); those in the events are not.")
    private int firstCategory;

    @Option(
            names = "--live",
            description = "Ask the policy of the running system which label suits files that several domains use;"
                    + " without it these are left for you to decide.")
    private boolean live;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws PolicyException {
        PrintWriter err = spec.commandLine().getErr();
        if (firstCategory < 0) {
            throw new ParameterException(spec.commandLine(), "--first-category: " + firstCategory + " is less than 0");
        }
        List<Observation> seen = new ArrayList<>();
        Groups groups;
        try {
            for (Path file : events) {
                seen.addAll(DryRunLog.read(file));
            }
            groups = Groups.of(seen, by, firstCategory);
        } catch (IOException | IllegalArgumentException wrong) {
            err.println("selinux-mapping: " + wrong.getMessage());
            return Main.FINDINGS;
        }
        return labels ? labels(groups) : mapping(groups);
    }

    private int mapping(Groups groups) {
        List<Groups.Rule> good = new ArrayList<>();
        for (Groups.Rule rule : groups.rules()) {
            try {
                Mappings.parse("draft.json", json(List.of(rule)).getBytes(StandardCharsets.UTF_8));
                good.add(rule);
            } catch (MappingException unspeakable) {
                spec.commandLine().getErr().println("selinux-mapping: left out: " + unspeakable.getMessage());
            }
        }
        spec.commandLine().getOut().println(json(good));
        spec.commandLine().getOut().flush();
        return good.size() == groups.rules().size() ? Main.FINE : Main.FINDINGS;
    }

    /** All of ASCII: whatever a name holds, it stays within its quotes. */
    private static String json(List<Groups.Rule> rules) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).setHighestNonEscapedChar('~')) {
            DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
            lines.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
            json.setPrettyPrinter(lines);
            json.writeStartObject();
            json.writeNumberField("version", 1);
            json.writeArrayFieldStart("rules");
            for (Groups.Rule rule : rules) {
                write(json, rule);
            }
            json.writeStartObject();
            json.writeBooleanField("everybody", true);
            json.writeStringField("context", "@deny");
            json.writeStringField("comment", "whoever was not seen");
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a text in memory cannot fail to be written", impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Groups.Rule rule) throws IOException {
        json.writeStartObject();
        switch (rule.who().kind()) {
            case USER -> json.writeStringField("user", rule.who().name());
            case ROLE -> json.writeStringField("role", rule.who().name());
            case ANONYMOUS -> json.writeBooleanField("authenticated", false);
        }
        if (rule.host().isPresent()) {
            json.writeStringField("host", rule.host().get());
        }
        Optional<IpAddress> address = rule.address();
        if (address.isPresent()) {
            json.writeStringField("network", address.get().toString());
        }
        json.writeStringField("context", rule.context());
        json.writeStringField(
                "comment",
                (rule.given() ? "as the mapping of the dry run has it, " : "a context of its own, ") + rule.seen()
                        + " events");
        json.writeEndObject();
    }

    private int labels(Groups groups) throws PolicyException {
        PrintWriter out = spec.commandLine().getOut();
        Labels.Draft draft = Labels.of(groups.contexts(), reader());
        out.println("#!/bin/sh");
        out.println(
                "# A draft from a dry run: read it, then run it as root. Each line labels what was used by the contexts before it.");
        out.println("set -eu");
        boolean open = !draft.left().isEmpty();
        TreeSet<String> roots = new TreeSet<>();
        for (Labels.Label label : draft.labels()) {
            out.println("# " + String.join(", ", label.contexts()));
            if (label.type().isEmpty()) {
                open = true;
                out.println("# no one label suits all of these (--live may know one): " + quoted(label.path()));
            } else {
                roots.add(label.root());
                out.println("semanage fcontext -a -t " + label.type().get() + " -r " + label.range() + " "
                        + quoted(pattern(label.path()) + (label.whole() ? "(/.*)?" : "")));
            }
        }
        // Without -F the range stays what it is.
        roots.forEach(root -> out.println("restorecon -RF " + quoted(root)));
        draft.left().forEach(left -> out.println("# " + ascii(left.object()) + " " + ascii(left.why())));
        out.flush();
        return open ? Main.FINDINGS : Main.FINE;
    }

    private BiPredicate<String, String> reader() throws PolicyException {
        if (!live) {
            return (context, label) -> false;
        }
        LivePolicy policy = LivePolicy.open();
        return (context, label) -> {
            String source = "system_u:system_r:" + context.replaceFirst("^\\*", BASE_DOMAIN);
            try {
                return policy.may(source, "system_u:object_r:" + label, "file", "read")
                        && policy.may(source, "system_u:object_r:" + label, "dir", "search");
            } catch (PolicyException silent) {
                return false;
            }
        };
    }

    /** A regular expression of file_contexts(5) that means this path; there white space ends it. */
    private static String pattern(String path) {
        StringBuilder pattern = new StringBuilder();
        path.codePoints().forEach(c -> {
            if (c == ' ') {
                pattern.append("\\s");
            } else if (".^$?*+|[](){}\\".indexOf(c) >= 0) {
                pattern.append('\\').appendCodePoint(c);
            } else {
                pattern.appendCodePoint(c);
            }
        });
        return pattern.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String ascii(String text) {
        return text.chars()
                .mapToObj(c -> c >= ' ' && c <= '~' ? Character.toString(c) : String.format("\\u%04x", c))
                .collect(Collectors.joining());
    }
}
