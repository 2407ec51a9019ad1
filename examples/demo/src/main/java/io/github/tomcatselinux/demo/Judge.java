// SPDX-License-Identifier: Apache-2.0
// Compares what came of a request with what should have.
package io.github.tomcatselinux.demo;

import io.github.tomcatselinux.demo.Scenario.Visit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The demo's verdict. Every complaint makes it fail. */
final class Judge {
    private Judge() {}

    /**
     * What is wrong with one outcome.
     *
     * @param refusal the status of a refusal
     * @param secret the document's own text
     * @param body what the client received
     */
    static List<String> complaints(
            Server server, Visit visit, Outcome outcome, int refusal, String secret, String body) {
        List<String> complaints = new ArrayList<>();
        boolean mayRead = !server.isConfined() || visit.reads().contains(outcome.path());
        boolean reached = body.contains(secret);
        if (mayRead && !(outcome.status() == 200 && reached)) {
            complaints.add("the document did not reach someone it should reach");
        }
        if (!mayRead && reached) {
            complaints.add("THE DOCUMENT REACHED SOMEONE IT SHOULD NOT");
        }
        if (!mayRead && outcome.status() != refusal) {
            complaints.add("expected status " + refusal);
        }
        if (!mayRead && outcome.denials().isEmpty()) {
            complaints.add("the kernel has no record of the refusal");
        }
        if (server.isConfined()) {
            complaints.addAll(wrongDecision(visit, outcome));
        } else if (outcome.context() != null) {
            complaints.add("plain Tomcat claims a context");
        }
        return complaints;
    }

    private static List<String> wrongDecision(Visit visit, Outcome outcome) {
        List<String> complaints = new ArrayList<>();
        Optional<String> rule = visit.rule().map(line -> "conf/selinux.map:" + line);
        if (!Objects.equals(rule.orElse(null), outcome.rule())) {
            complaints.add("expected rule " + rule.orElse("none"));
        }
        if (outcome.context() == null || !outcome.context().endsWith(":" + visit.context())) {
            complaints.add("expected context " + visit.context());
        }
        return complaints;
    }
}
