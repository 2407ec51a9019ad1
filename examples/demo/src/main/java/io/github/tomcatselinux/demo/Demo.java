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
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The demo's main program. The servers are on this machine, where the database is then opened for them, too; or, where each has an
 * address, on another, whose kernel's records arrive in a file.
 */
public final class Demo {
    private static final String USAGE = """
            usage: Demo SCENARIO CONTENT NAME=PORT:LOG... REPORT
                   Demo --kernel-log FILE SCENARIO CONTENT NAME=ADDRESS:PORT:LOG... REPORT""";

    private final Scenario scenario;
    private final Path content;
    private final KernelLog kernel;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<RequestLog.Line> refused = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private int requests;

    private Demo(Scenario scenario, Path content, KernelLog kernel) {
        this.scenario = scenario;
        this.content = content;
        this.kernel = kernel;
    }

    /** Exits with 1 if anything was not as it should be. */
    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        boolean outside = arguments.length > 0 && arguments[0].equals("--kernel-log");
        List<String> words = List.of(arguments).subList(outside ? 2 : 0, arguments.length);
        if (words.size() < 4) {
            System.err.println(USAGE);
            System.exit(2);
        }
        Demo demo = new Demo(
                Scenario.read(Path.of(words.get(0))),
                Path.of(words.get(1)),
                new KernelLog(outside ? Optional.of(Path.of(arguments[1])) : Optional.empty()));
        List<Server> servers =
                words.subList(2, words.size() - 1).stream().map(Server::parse).toList();
        if (outside) {
            demo.visitAll(servers);
        } else {
            try (Payroll database = Payroll.open(demo.content.resolve("data/payroll/salaries.txt"))) {
                demo.visitAll(servers);
            }
        }
        demo.report(Path.of(words.get(words.size() - 1)));
        System.exit(demo.complaints.isEmpty() ? 0 : 1);
    }

    private void visitAll(List<Server> servers) throws IOException, InterruptedException {
        for (Server server : servers) {
            visitAll(server);
        }
        for (String stray : kernel.strays(refused)) {
            complaints.add("the kernel refused what no request asked for: " + stray);
        }
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
        List<String> denials = List.of();
        if (server.isConfined() && answer.status() == scenario.refusal(path)) {
            refused.add(line);
            denials = kernel.denials(line);
        }
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
        return Files.readString(content.resolve(scenario.source(visit, path))).trim();
    }

    private void report(Path file) throws IOException {
        List<String> denials =
                outcomes.stream().flatMap(outcome -> outcome.denials().stream()).toList();
        boolean enforcing = !denials.isEmpty() && denials.stream().allMatch(denial -> denial.endsWith(" permissive=0"));
        if (!enforcing) {
            complaints.add("SELinux does not enforce");
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("enforcing", enforcing);
        report.put("requests", outcomes);
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
        System.out.println();
        Map<String, List<Outcome>> servers = outcomes.stream()
                .collect(Collectors.groupingBy(Outcome::server, LinkedHashMap::new, Collectors.toList()));
        servers.forEach((name, mine) -> {
            long served =
                    mine.stream().filter(outcome -> outcome.status() == 200).count();
            System.out.printf(
                    "%-8s Tomcat: %d requests, %d served, %d refused%n",
                    name, mine.size(), served, mine.size() - served);
        });
        complaints.forEach(complaint -> System.out.println("WRONG: " + complaint));
        System.out.println(complaints.isEmpty() ? "As it should be." : "NOT as it should be.");
    }
}
