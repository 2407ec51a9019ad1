// SPDX-License-Identifier: Apache-2.0
// selinux-mapping why
package io.github.tomcatselinux.mapping.cli;

import io.github.tomcatselinux.mapping.why.Denial;
import io.github.tomcatselinux.mapping.why.Event;
import io.github.tomcatselinux.mapping.why.Reason;
import io.github.tomcatselinux.mapping.why.Records;
import io.github.tomcatselinux.mapping.why.Refuser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Joins what the valve and what the kernel have logged of one request. */
@Command(
        name = "why",
        description = {
            "Says why a request was refused, and what would mend it: from the valve's event and the kernel's records of it.",
            "What servlets were refused on confined threads only the kernel has records of."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it has been explained",
            "1:neither file knows of a refusal of such a request",
            "2:the command line is wrong, or a file cannot be read",
            "3:it was the kernel, there is no record of it, and the event does not say at what it stopped"
        })
final class Why implements Callable<Integer> {
    private static final int WITHOUT_RECORD = 3;

    @Parameters(
            paramLabel = "REQUEST-ID",
            description = "What the valve's log lines call the request, and access logs REQUEST_ID.")
    private String request = "";

    @Option(
            names = "--events",
            paramLabel = "FILE",
            description = "The valve's events: a file, or a folder with selinux-events.*.json; may be repeated"
                    + " (default: ${DEFAULT-VALUE}).",
            defaultValue = "/var/log/tomcat10")
    private List<Path> events = List.of();

    @Option(
            names = "--audit",
            paramLabel = "FILE",
            description =
                    "The kernel's records: audit.log, or - for what dmesg, journalctl -k or ausearch --raw writes to"
                            + " standard input; may be repeated (default: ${DEFAULT-VALUE}).",
            defaultValue = "/var/log/audit/audit.log")
    private List<String> audits = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws PolicyException {
        PrintWriter out = spec.commandLine().getOut();
        List<Event> refusals = new ArrayList<>();
        List<Denial> records = new ArrayList<>();
        try {
            for (Path file : eventFiles()) {
                refusals.addAll(Event.of(file, request));
            }
        } catch (IOException unreadable) {
            throw new PolicyException("--events: " + unreadable, unreadable);
        }
        for (String audit : audits) {
            readRecords(audit, records);
        }
        boolean explained = true;
        for (Event refusal : refusals) {
            explained &= explain(refusal, Records.of(refusal, records), out);
        }
        List<Denial> thread = Records.ofThread(request, records);
        if (!thread.isEmpty()) {
            out.println("request " + shown(request) + ": code of the application was refused on a confined thread");
            explain(thread, "", out);
        }
        out.flush();
        if (refusals.isEmpty() && thread.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("selinux-mapping: nothing is known of a refusal of request " + shown(request));
            return Main.FINDINGS;
        }
        return explained ? Main.FINE : WITHOUT_RECORD;
    }

    private List<Path> eventFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path named : events) {
            if (Files.isDirectory(named)) {
                List<Path> found = new ArrayList<>();
                try (DirectoryStream<Path> days = Files.newDirectoryStream(named, "selinux-events.*.json")) {
                    days.forEach(found::add);
                }
                Collections.sort(found);
                files.addAll(found);
            } else {
                files.add(named);
            }
        }
        return files;
    }

    /** The audit log may be closed to who asks: then the event has to do. */
    private void readRecords(String audit, List<Denial> records) throws PolicyException {
        try (InputStream in = audit.equals("-") ? System.in : Files.newInputStream(Path.of(audit));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Denial.parse(line).ifPresent(records::add);
            }
        } catch (IOException closed) {
            boolean asked = spec.commandLine().getParseResult().hasMatchedOption("--audit");
            if (asked) {
                throw new PolicyException("--audit: " + closed, closed);
            }
            spec.commandLine().getErr().println("selinux-mapping: without the kernel's records: " + closed);
        }
    }

    /** Returns whether it is known what it stopped at. */
    private static boolean explain(Event event, List<Denial> records, PrintWriter out) {
        String by = event.field("refusedBy").orElse("");
        out.println("request " + shown(event, "request") + " at " + event.time() + ": user " + shown(event, "user")
                + " from " + shown(event, "address") + ", " + shown(event, "method") + " " + shown(event, "path")
                + " of "
                + shown(event, "host") + ", application " + shown(event, "application"));
        out.println("  refused by " + shown(by) + ", rule " + shown(event, "rule") + ", context "
                + shown(event, "context"));
        event.field("target").ifPresent(target -> out.println("  it asked for " + shown(target)));
        event.field("detail").ifPresent(detail -> out.println("  " + shown(detail)));
        Optional<String> object = event.field("object");
        if (!records.isEmpty()) {
            explain(records, object.orElse(""), out);
            return true;
        }
        if (object.isPresent()) {
            List<String> permissions =
                    List.of(event.field("permissions").orElse("").split(" "));
            print(
                    event.field("class").orElse(""),
                    object.get(),
                    event.field("label").orElse(""),
                    permissions,
                    "by the policy, asked by the valve",
                    out);
            print(
                    Reason.of(
                            event.field("context").orElse(""),
                            event.field("label").orElse(""),
                            event.field("class").orElse(""),
                            permissions,
                            object.get()),
                    out);
            return true;
        }
        Refuser.of(by).ifPresent(refuser -> print(refuser.reason(), out));
        boolean policy = by.equals("selinux") || by.equals("unknown");
        if (policy) {
            out.println("  the kernel has no record of it: it is older than the log, or the policy says dontaudit"
                    + " (semodule -DB shows those, semodule -B hides them again)");
        }
        return !policy;
    }

    /** @param path of what it stopped at, where the event knows it: records often have but a name */
    private static void explain(List<Denial> records, String path, PrintWriter out) {
        for (Denial record : records.stream()
                .collect(Collectors.toMap(
                        record -> List.of(record.objectClass(), record.object(), record.target(), record.permissions()),
                        record -> record,
                        (first, same) -> first,
                        LinkedHashMap::new))
                .values()) {
            String object =
                    !record.object().startsWith("/") && path.endsWith("/" + record.object()) ? path : record.object();
            print(record.objectClass(), object, record.target(), record.permissions(), "by the kernel's record", out);
            if (record.logged()) {
                out.println("  that was only logged, not refused: SELinux or the domain was permissive");
            }
            print(Reason.of(record.source(), record.target(), record.objectClass(), record.permissions(), object), out);
        }
    }

    private static void print(
            String objectClass, String object, String label, List<String> permissions, String by, PrintWriter out) {
        out.println("  denied " + by + ": " + String.join(", ", permissions) + " of the " + shown(objectClass) + " "
                + shown(object) + ", labelled " + shown(label));
    }

    private static void print(Reason reason, PrintWriter out) {
        out.println("  why: " + shown(reason.why()));
        reason.remedies().forEach(remedy -> out.println("  - " + shown(remedy)));
    }

    private static String shown(Event event, String field) {
        return event.field(field).map(Why::shown).orElse("-");
    }

    /** Clients choose paths and names: nothing of them may end a line or reach a terminal as anything but text. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars().forEach(c -> {
            if (c >= ' ' && c <= '~') {
                shown.append((char) c);
            } else {
                shown.append(String.format("\\u%04x", c));
            }
        });
        return shown.toString();
    }
}
