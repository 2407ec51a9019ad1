// SPDX-License-Identifier: Apache-2.0
// A client that writes a file again and again, and reads it back.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** What was answered as done is there, what was answered as refused is not; of what was not answered it may be either, but whole. */
final class Uploader implements Runnable {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;
    private static final int NO_ROOM = 507;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int LONGEST = 20_000;

    private final Situation situation;
    private final String host;
    private final String user;
    private final Random random;
    /** What the file may hold: one, but for uploads that nobody answered. */
    private final List<String> contents = new ArrayList<>();

    /** @param content what the file holds now */
    Uploader(Situation situation, String host, String user, String content) {
        this.situation = situation;
        this.host = host;
        this.user = user;
        this.random = new Random(user.hashCode());
        contents.add(content);
    }

    @Override
    public void run() {
        try (Connection connection = new Connection(situation.port())) {
            for (int i = 0; situation.gate().enter(); i++) {
                try {
                    put(connection, i);
                    get(connection);
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

    private byte[] request(String method, String more) {
        return (Visit.head(method, host, user, "/dav/" + user + ".txt") + more + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void put(Connection connection, int number) {
        String line = Expectation.SECRET + user + " upload " + number + "\n";
        String content = line.repeat(1 + random.nextInt(LONGEST));
        long from = System.nanoTime();
        try {
            Answer answer = connection.ask(
                    request("PUT", "Content-Length: " + content.length() + "\r\n"),
                    content.getBytes(StandardCharsets.US_ASCII));
            String what = user + " putting got " + answer.status();
            if (answer.status() == CREATED || answer.status() == NO_CONTENT) {
                contents.clear();
                contents.add(content);
                tell(from, Verdict.RIGHT, what);
            } else if (answer.status() < 400) {
                tell(from, Verdict.WRONG, what);
            } else {
                if (answer.status() >= FIRST_SERVER_ERROR && answer.status() != NO_ROOM) {
                    contents.add(content);
                }
                tell(from, Verdict.FAILED, what);
            }
        } catch (IOException broken) {
            contents.add(content);
            tell(from, Verdict.FAILED, user + " putting got " + broken);
        }
    }

    private void get(Connection connection) {
        long from = System.nanoTime();
        try {
            Answer answer = connection.ask(request("GET", ""));
            Verdict best = Verdict.WRONG;
            for (String content : List.copyOf(contents)) {
                Verdict verdict = new Expectation(OK, Optional.of(content), Set.of(user)).judge(answer);
                if (verdict == Verdict.RIGHT) {
                    contents.clear();
                    contents.add(content);
                }
                best = verdict.compareTo(best) < 0 ? verdict : best;
            }
            String found = best == Verdict.WRONG
                    ? ", " + answer.body().lines().findFirst().orElse("nothing")
                    : "";
            tell(from, best, user + " reading back got " + answer.status() + found);
        } catch (IOException broken) {
            tell(from, Verdict.FAILED, user + " reading back got " + broken);
        }
    }

    private void tell(long from, Verdict verdict, String what) {
        situation.tally().answered(host + " dav", from, verdict, what);
    }
}
