// SPDX-License-Identifier: Apache-2.0
// Who dies takes his own along, whoever is left goes on, and nobody starves another.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisionTest {
    private static final String LARGE = SlowClient.LARGE;

    @TempDir
    Path folder;

    @Test
    void recoversWhenAServiceIsKilledUnderRequestsAndComesBack() throws Exception {
        try (Launchers.Service service = new Launchers.Service(folder.resolve("socket"), "--child");
                TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .onHost(Map.of("launcher", "unix:" + folder.resolve("socket")))
                    .start();
            for (int round = 0; round < 2; round++) {
                assertEquals("hello", server.get("/hello.txt").body());
                try (SlowClient inFlight = SlowClient.begun(server.port(), "/large.bin")) {
                    service.kill();
                    inFlight.assertBrokenOff();
                }
                assertEquals(503, server.get("/hello.txt").statusCode());
                service.start();
                assertEquals("hello", server.get("/hello.txt").body());
            }
        }
    }

    @Test
    void answersEveryRequestRightOrNotAtAllWhileALauncherIsKilledAgainAndAgain() throws Exception {
        try (Launchers.Service service = new Launchers.Service(folder.resolve("socket"), "--child");
                TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello")
                    .onHost(Map.of("launcher", "unix:" + folder.resolve("socket")))
                    .start();
            List<Integer> seen = new ArrayList<>();
            Background killer = Background.run(() -> {
                for (int i = 0; i < 10; i++) {
                    service.kill();
                    service.start();
                }
            });
            while (!killer.isDone()) {
                var answer = server.get("/hello.txt");
                seen.add(answer.statusCode());
                assertEquals(answer.statusCode() == 200, answer.body().equals("hello"), answer.body());
            }
            killer.join();
            assertTrue(Stream.of(200, 500, 502, 503).toList().containsAll(seen), seen::toString);
            assertFalse(seen.contains(500), seen::toString);
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }

    @Test
    void takesLauncherAndHelpersAlongWhenTomcatIsKilled() throws Exception {
        Process tomcat = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dlauncher.binary=" + TestServer.LAUNCHER,
                        Standalone.class.getName(),
                        folder.toString())
                .redirectError(folder.resolve("log").toFile())
                .start();
        try {
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(tomcat.getInputStream(), StandardCharsets.US_ASCII));
            String port = said.readLine();
            assertTrue(port != null, () -> log());
            try (SlowClient inFlight = SlowClient.begun(Integer.parseInt(port), "/large.bin")) {
                ProcessHandle launcher = Launchers.childOf(tomcat.toHandle());
                List<ProcessHandle> family = new ArrayList<>(launcher.children().toList());
                assertTrue(family.size() > 1, "helpers");
                family.add(launcher);
                tomcat.destroyForcibly().waitFor();
                Await.dead(family);
                inFlight.assertBrokenOff();
            }
        } finally {
            tomcat.destroyForcibly();
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException none) {
            return none.toString();
        }
    }

    /** A Tomcat in a process of its own: prints its port, and stays. */
    static final class Standalone {
        private Standalone() {}

        public static void main(String[] arguments) throws Exception {
            TestServer server = new TestServer(Path.of(arguments[0]));
            server.document("large.bin", LARGE).onHost(Map.of()).start();
            System.out.println(server.port());
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void endsTheHelperOfAClientThatWentAway() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .onHost(Map.of("maxHelpers", "1", "maxQueue", "0"))
                    .start();
            SlowClient.begun(server.port(), "/large.bin").close();
            Await.until(
                    "the helper is still in use", () -> server.get("/hello.txt").statusCode() == 200);
        }
    }

    @Test
    void endsTheHelperOfAClientThatReadsNoFurther() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .onHost(Map.of("maxHelpers", "1", "maxQueue", "0", "requestTimeout", "1"));
            // How long Tomcat waits for its client, which is not the helper's to know.
            server.tomcat.getConnector().setProperty("connectionTimeout", "1000");
            server.start();
            try (SlowClient slow = SlowClient.begun(server.port(), "/large.bin")) {
                Await.until(
                        "the helper is still in use",
                        () -> server.get("/hello.txt").statusCode() == 200);
                slow.assertBrokenOff();
            }
        }
    }

    /** Three are served and never end, three wait, four are turned away; and somebody else is served all the time. */
    @Test
    void servesOneContextWhileAnotherIsFlooded() throws Exception {
        List<SlowClient> flood = new ArrayList<>();
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of(
                            "mappingFile", "map",
                            "maxHelpers", "6",
                            "maxPerContext", "3",
                            "maxQueue", "6",
                            "requestTimeout", "600"));
            server.tomcat.getConnector().setProperty("connectionTimeout", "600000");
            server.start();
            for (int i = 0; i < 10; i++) {
                flood.add(SlowClient.asking(server.port(), "/large.bin", TestServer.as("kaigai")));
            }
            Set<SlowClient> answered = new HashSet<>();
            Await.until("not as many are answered as should be", () -> {
                for (SlowClient one : flood) {
                    if (one.isAnswered()) {
                        answered.add(one);
                    }
                }
                return answered.size() == 7;
            });
            int refused = 0;
            for (SlowClient one : answered) {
                String head = one.head();
                if (head.startsWith("HTTP/1.1 503")) {
                    refused++;
                    assertTrue(head.contains("Retry-After: 1\r\n"), head);
                } else {
                    assertTrue(head.startsWith("HTTP/1.1 200"), head);
                }
            }
            assertEquals(4, refused);
            for (int i = 0; i < 20; i++) {
                assertEquals(200, server.get("/hello.txt").statusCode());
            }
            for (SlowClient one : flood) {
                assertTrue(answered.contains(one) || !one.isAnswered(), "one was served beyond the limit");
            }
            for (SlowClient one : flood) {
                one.close();
            }
            Await.until(
                    "its helpers are still in use",
                    () -> server.get("/hello.txt", TestServer.as("kaigai")).statusCode() == 200);
        } finally {
            for (SlowClient one : flood) {
                one.close();
            }
        }
    }
}
