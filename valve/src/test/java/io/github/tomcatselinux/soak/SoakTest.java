// SPDX-License-Identifier: Apache-2.0
// What lasting load is there to notice is noticed.
package io.github.tomcatselinux.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.tomcatselinux.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SoakTest {
    private static final String ALICES = "secret-of-alice line 1\nsecret-of-alice line 2\n";
    private static final String BOBS = "secret-of-bob line 1\nsecret-of-bob line 2\n";
    private static final Expectation OWN = new Expectation(200, Optional.of(ALICES), Set.of("alice"));
    private static final Expectation OTHERS = new Expectation(403, Optional.empty(), Set.of("alice"));

    private static Verdict judge(Expectation expected, int status, String body) {
        return expected.judge(new Answer(status, body, true, true));
    }

    @Test
    void judgesAnAnswerByWhoMaySeeIt() {
        assertEquals(Verdict.RIGHT, judge(OWN, 200, ALICES));
        assertEquals(Verdict.WRONG, judge(OWN, 200, BOBS));
        assertEquals(Verdict.WRONG, judge(OWN, 200, "secret-of-alice line 1\nsecret-of-bob line 2\n"));
        assertEquals(Verdict.WRONG, judge(OWN, 200, ""));
        assertEquals(Verdict.WRONG, judge(OWN, 204, ""));
        assertEquals(Verdict.FAILED, judge(OWN, 503, "unavailable"));
        assertEquals(Verdict.WRONG, judge(OWN, 503, BOBS));
        assertEquals(Verdict.RIGHT, judge(OTHERS, 403, "forbidden"));
        assertEquals(Verdict.WRONG, judge(OTHERS, 200, BOBS));
        assertEquals(Verdict.WRONG, judge(OTHERS, 403, BOBS));
        assertEquals(Verdict.FAILED, judge(OTHERS, 503, ""));
    }

    @Test
    void takesAnotherErrorForAnErrorAndAnotherContextForWrong() {
        Expectation denied = new Expectation(403, Optional.of("system_u:system_r:a_t:s0 denied\n"), Set.of("alice"));
        assertEquals(Verdict.RIGHT, judge(denied, 403, "system_u:system_r:a_t:s0 denied\n"));
        assertEquals(Verdict.FAILED, judge(denied, 403, "<html>Forbidden</html>"));
        assertEquals(Verdict.WRONG, judge(denied, 403, "system_u:system_r:b_t:s0 denied\n"));
    }

    @Test
    void takesTheBeginningOfTheRightBodyForAnErrorAndOfAnotherForWrong() {
        assertEquals(Verdict.FAILED, OWN.judge(new Answer(200, ALICES.substring(0, 30), false, false)));
        assertEquals(Verdict.WRONG, OWN.judge(new Answer(200, BOBS.substring(0, 30), false, false)));
    }

    @Test
    void acceptsWhatEitherRuleSaysOnlyWhileTheyChange() {
        Visit visit = new Visit("child", "files", "dave", "/x", List.of(OWN, OTHERS));
        Answer answer = new Answer(200, ALICES, true, true);
        assertEquals(Verdict.RIGHT, Visitor.judge(visit, OptionalInt.of(0), answer));
        assertEquals(Verdict.WRONG, Visitor.judge(visit, OptionalInt.of(1), answer));
        assertEquals(Verdict.RIGHT, Visitor.judge(visit, OptionalInt.empty(), answer));
        Changes rules = new Changes();
        int before = rules.now();
        assertEquals(OptionalInt.of(0), rules.since(before));
        rules.begin();
        assertEquals(OptionalInt.empty(), rules.since(before));
        assertEquals(OptionalInt.empty(), rules.since(rules.now()));
        rules.end();
        assertEquals(OptionalInt.of(1), rules.since(rules.now()));
    }

    @Test
    void noticesAServerThatServesTheOthersFile() throws Exception {
        assertTrue(wrongOf(BOBS) > 0);
        assertEquals(0, wrongOf(ALICES));
    }

    /** How many wrong answers a client counts of a server that gives everybody this. */
    private static long wrongOf(String body) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] octets = body.getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        });
        server.start();
        Situation situation =
                new Situation(server.getAddress().getPort(), new Gate(), new Tally(), new Changes(), new Changes());
        Visit visit = new Visit("child", "files", "alice", "/alice.txt", List.of(OWN));
        Thread client = new Thread(new Visitor(situation, List.of(visit), 0));
        try {
            client.start();
            Await.until("nothing is asked", () -> situation.tally().requests() > 3);
        } finally {
            situation.gate().end();
            client.join();
            server.stop(0);
        }
        return situation.tally().wrong();
    }

    @Test
    void excusesErrorsOnlyWithAFault() throws Exception {
        Tally tally = new Tally();
        long before = System.nanoTime();
        tally.answered("child files", before, Verdict.FAILED, "alice got 503");
        assertEquals(1, tally.unexplained().size());
        assertEquals(Set.of("child files"), tally.recover("helpers-killed", before, List.of("child files"), 0));
        assertEquals(List.of(), tally.unexplained());
        tally.answered("child files", System.nanoTime(), Verdict.FAILED, "alice got 503");
        assertEquals(1, tally.unexplained().size());
    }

    @Test
    void noticesADescriptorThatLeaksWithEveryFault() {
        Leaks leaks = new Leaks(Map.of("descriptors", 60L, "serverKib", 100L));
        assertTrue(leaks.none(Map.of("descriptors", 62L, "serverKib", 900L)));
        assertFalse(leaks.none(Map.of("descriptors", 70L, "serverKib", 100L)));
    }

    @Test
    void noticesAHelperThatWasInUseAllTheTime() {
        Leaks leaks = new Leaks(Map.of("helpers", 1L, "threads", 0L));
        assertFalse(leaks.none(Map.of("helpers", 1L, "threads", 0L)));
        assertTrue(leaks.none(Map.of("helpers", 0L, "threads", 0L)));
        assertFalse(Leaks.idle(Map.of("helpers", 0L, "threads", 1L)));
    }
}
