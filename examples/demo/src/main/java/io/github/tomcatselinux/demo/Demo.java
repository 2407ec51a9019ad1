// SPDX-License-Identifier: Apache-2.0
// Makes the same requests to plain and to confined Tomcat and shows who got what, and why.
package io.github.tomcatselinux.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.tomcatselinux.demo.Scenario.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The demo's main program. Arguments: scenario, servers ({@code NAME=PORT:LOG}), report. */
public final class Demo {
    private static final Path CONTENT = Path.of("/srv/tomcat");

    private final Scenario scenario;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private int requests;

    private Demo(Scenario scenario) {
        this.scenario = scenario;
    }

    /** Exits with 1 if anything was not as it should be. */
    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        if (arguments.length < 3) {
            System.err.println("usage: Demo SCENARIO NAME=PORT:LOG... REPORT");
            System.exit(2);
        }
        Demo demo = new Demo(Scenario.read(Path.of(arguments[0])));
        try (Payroll database = Payroll.open(CONTENT.resolve("data/payroll/salaries.txt"))) {
            for (int i = 1; i < arguments.length - 1; i++) {
                demo.visitAll(Server.parse(arguments[i]));
            }
        }
        boolean enforcing =
                Files.readString(Path.of("/sys/fs/selinux/enforce")).trim().equals("1");
        if (!enforcing) {
            demo.complaints.add("SELinux does not enforce");
        }
        demo.report(enforcing, Path.of(arguments[arguments.length - 1]));
        System.exit(demo.complaints.isEmpty() ? 0 : 1);
    }

    private void visitAll(Server server) throws IOException, InterruptedException {
        System.out.printf("%n=== %s Tomcat ===%n", server.name());
        System.out.printf(
                "%-8s %-12s %-13s %-18s %-21s %-24s %s%n",
                "who", "from", "host", "what", "rule", "served as", "status");
        for (Visit visit : scenario.visits()) {
            for (String path : scenario.documents().get(visit.host())) {
                visit(server, visit, path);
            }
        }
    }

    private void visit(Server server, Visit visit, String path) throws IOException, InterruptedException {
        String id = server.name() + "-" + ++requests;
        Browser.Answer answer = Browser.get(server, visit, path, id);
        RequestLog.Line line = RequestLog.find(server, id);
        List<String> denials =
                server.isConfined() && answer.status() == scenario.refusal(path) ? KernelLog.denials(line) : List.of();
        Outcome outcome = new Outcome(
                server.name(),
                visit.host(),
                visit.user().orElse(null),
                visit.from(),
                "GET",
                path,
                line.rule().filter(rule -> rule.contains(":")).orElse(null),
                line.context().orElse(null),
                answer.status(),
                denials);
        outcomes.add(outcome);
        print(outcome);
        for (String complaint :
                Judge.complaints(server, visit, outcome, scenario.refusal(path), secret(visit, path), answer.body())) {
            String text = id + " " + visit.user().orElse("(anonymous)") + " " + path + ": " + complaint;
            complaints.add(text);
            System.out.println("    WRONG: " + complaint);
        }
    }

    private static void print(Outcome outcome) {
        String context = outcome.context() == null ? "-" : outcome.context().replaceFirst("^[^:]*:[^:]*:", "");
        System.out.printf(
                "%-8s %-12s %-13s %-18s %-21s %-24s %d%n",
                outcome.user() == null ? "-" : outcome.user(),
                outcome.from(),
                outcome.host(),
                outcome.path(),
                outcome.rule() == null ? "-" : outcome.rule(),
                context,
                outcome.status());
        outcome.denials().forEach(denial -> System.out.println("    " + denial));
    }

    private String secret(Visit visit, String path) throws IOException {
        return Files.readString(CONTENT.resolve(scenario.source(visit, path))).trim();
    }

    private void report(boolean enforcing, Path file) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("enforcing", enforcing);
        report.put("requests", outcomes);
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
        System.out.println();
        for (String name : List.of("plain", "confined")) {
            List<Outcome> mine = outcomes.stream()
                    .filter(outcome -> outcome.server().equals(name))
                    .toList();
            long served =
                    mine.stream().filter(outcome -> outcome.status() == 200).count();
            System.out.printf(
                    "%-8s Tomcat: %d requests, %d served, %d refused%n",
                    name, mine.size(), served, mine.size() - served);
        }
        complaints.forEach(complaint -> System.out.println("WRONG: " + complaint));
        System.out.println(complaints.isEmpty() ? "As it should be." : "NOT as it should be.");
    }
}
