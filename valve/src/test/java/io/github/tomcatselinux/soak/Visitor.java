// SPDX-License-Identifier: Apache-2.0
// A client that asks for one thing after the other.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/** Goes through all visits in an order of its own, on a connection for each host and user; every second one without keeping it. */
final class Visitor implements Runnable {
    private static final int PAUSE_MILLISECONDS = 5;

    private final Situation situation;
    private final List<Visit> visits;
    private final boolean keeps;
    private final Random random;

    Visitor(Situation situation, List<Visit> visits, int number) {
        this.situation = situation;
        this.random = new Random(number);
        this.visits = new ArrayList<>(visits);
        this.keeps = number % 2 == 0;
        Collections.shuffle(this.visits, random);
    }

    @Override
    public void run() {
        try (Connection connection = new Connection(situation.port())) {
            String before = "";
            for (int i = 0; situation.gate().enter(); i++) {
                Visit visit = visits.get(i % visits.size());
                try {
                    // What a kept connection carries belongs to one host; that two users share it is a proxy's way.
                    if (!visit.host().equals(before)) {
                        connection.close();
                    }
                    before = visit.host();
                    visit(connection, visit);
                    Thread.sleep(random.nextInt(2 * PAUSE_MILLISECONDS));
                } finally {
                    if (situation.gate().isShut()) {
                        connection.close();
                    }
                    situation.gate().leave();
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void visit(Connection connection, Visit visit) {
        byte[] request = (Visit.head("GET", visit.host(), visit.user(), visit.path())
                        + (keeps ? "\r\n" : "Connection: close\r\n\r\n"))
                .getBytes(StandardCharsets.US_ASCII);
        int rules = situation.rules().now();
        int programs = situation.programs().now();
        long from = System.nanoTime();
        try {
            Answer answer = connection.ask(request);
            Verdict verdict = judge(visit, situation.rules().since(rules), answer);
            boolean mustNotRun = visit.way().equals("programs")
                    && situation.programs().since(programs).equals(OptionalInt.of(1));
            if (mustNotRun && answer.status() < 400) {
                verdict = Verdict.WRONG;
            }
            String what = visit + " got " + answer.status() + (answer.whole() ? "" : ", cut off");
            situation.tally().answered(visit.lane(), from, verdict, what);
        } catch (IOException failed) {
            situation.tally().answered(visit.lane(), from, Verdict.FAILED, visit + " got " + failed);
        }
    }

    /** While the rules change either is right. */
    static Verdict judge(Visit visit, OptionalInt rules, Answer answer) {
        if (rules.isPresent()) {
            return visit.expected()
                    .get(Math.min(rules.getAsInt(), visit.expected().size() - 1))
                    .judge(answer);
        }
        return visit.expected().stream()
                .map(expected -> expected.judge(answer))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }
}
