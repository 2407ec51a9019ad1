// SPDX-License-Identifier: Apache-2.0
// Who dies takes his own along, whoever is left goes on, and nobody starves another.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisionTest {
    /** Larger than all buffers between helper and client. */
    private static final String LARGE = "0123456789abcdef".repeat(2_000_000);

    private static final int PATIENCE_SECONDS = 30;

    @TempDir
    Path folder;

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(10);
        }
    }

    /** Gone, or dead and only waiting for its parent to look. */
    private static boolean dead(ProcessHandle process) throws IOException {
        Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        try {
            String line = Files.readString(stat);
            return line.charAt(line.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException gone) {
            return !process.isAlive();
        }
    }

    private static void awaitDead(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            await(process + " is still there", () -> dead(process));
        }
    }

    private static Socket ask(int port, String path, String... headers) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        String more = headers.length == 0 ? "" : String.join(": ", headers) + "\r\n";
        OutputStream out = socket.getOutputStream();
        out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** A client that has begun to read a large answer, and reads no further. */
    private static Socket begin(int port, String path, String... headers) throws IOException {
        Socket socket = ask(port, path, headers);
        assertEquals('H', socket.getInputStream().read());
        return socket;
    }

    private static ProcessHandle launcherOf(ProcessHandle parent) {
        return parent.children()
                .filter(child -> child.info().command().equals(Optional.of(TestServer.LAUNCHER.toString())))
                .findFirst()
                .orElseThrow();
    }

    /** A launcher that is nobody's child, as a service. */
    private static final class Service implements AutoCloseable {
        private final Path socket;
        private Process process;

        Service(Path socket) throws Exception {
            this.socket = socket;
            start();
        }

        void start() throws Exception {
            process = new ProcessBuilder(
                            TestServer.LAUNCHER.toString(), "--not-enforcing", "--socket", socket.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            await("the launcher does not start", () -> process.isAlive() && answers());
        }

        /** Whoever connects without a word is answered by silence, so that it can be told from a stale socket. */
        private boolean answers() {
            try (var channel = java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(socket))) {
                return channel.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }

        /** Not as one would be told to end, and with all its helpers. */
        void kill() throws Exception {
            List<ProcessHandle> helpers = process.toHandle().children().toList();
            process.destroyForcibly().waitFor();
            awaitDead(helpers);
        }

        @Override
        public void close() throws Exception {
            kill();
        }
    }

    @Test
    void recoversWhenAServiceIsKilledUnderRequestsAndComesBack() throws Exception {
        try (Service service = new Service(folder.resolve("socket"));
                TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .onHost(Map.of("launcher", "unix:" + folder.resolve("socket")))
                    .start();
            for (int round = 0; round < 2; round++) {
                assertEquals("hello", server.get("/hello.txt").body());
                try (Socket inFlight = begin(server.port(), "/large.bin")) {
                    service.kill();
                    long got = inFlight.getInputStream().transferTo(OutputStream.nullOutputStream());
                    assertTrue(got < LARGE.length(), () -> got + " octets came from dead helpers");
                }
                assertEquals(503, server.get("/hello.txt").statusCode());
                service.start();
                assertEquals("hello", server.get("/hello.txt").body());
            }
        }
    }

    @Test
    void answersEveryRequestRightOrNotAtAllWhileALauncherIsKilledAgainAndAgain() throws Exception {
        try (Service service = new Service(folder.resolve("socket"));
                TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello")
                    .onHost(Map.of("launcher", "unix:" + folder.resolve("socket")))
                    .start();
            List<Integer> seen = new ArrayList<>();
            Thread killer = new Thread(() -> {
                try {
                    for (int i = 0; i < 10; i++) {
                        service.kill();
                        service.start();
                    }
                } catch (Exception failed) {
                    throw new IllegalStateException(failed);
                }
            });
            killer.start();
            while (killer.isAlive()) {
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
            try (Socket inFlight = begin(Integer.parseInt(port), "/large.bin")) {
                ProcessHandle launcher = launcherOf(tomcat.toHandle());
                List<ProcessHandle> family = new ArrayList<>(launcher.children().toList());
                assertTrue(family.size() > 1, "helpers");
                family.add(launcher);
                tomcat.destroyForcibly().waitFor();
                awaitDead(family);
                InputStream rest = inFlight.getInputStream();
                assertTrue(drained(rest) < LARGE.length());
            }
        } finally {
            tomcat.destroyForcibly();
        }
    }

    /** What still comes; a reset is an end as well. */
    private static long drained(InputStream in) {
        try {
            return in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException broken) {
            return 0;
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
            begin(server.port(), "/large.bin").close();
            await("the helper is still in use", () -> server.get("/hello.txt").statusCode() == 200);
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
            try (Socket slow = begin(server.port(), "/large.bin")) {
                await(
                        "the helper is still in use",
                        () -> server.get("/hello.txt").statusCode() == 200);
                assertTrue(drained(slow.getInputStream()) < LARGE.length());
            }
        }
    }

    /** Three are served and never end, three wait, four are turned away; and somebody else is served all the time. */
    @Test
    void servesOneContextWhileAnotherIsFlooded() throws Exception {
        List<Socket> flood = new ArrayList<>();
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", LARGE)
                    .document("hello.txt", "hello")
                    .mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "maxHelpers", "6", "maxPerContext", "3", "maxQueue", "6"))
                    .start();
            for (int i = 0; i < 10; i++) {
                flood.add(ask(server.port(), "/large.bin", TestServer.as("kaigai")));
            }
            List<Socket> answered = new ArrayList<>();
            await("not as many are answered as should be", () -> {
                for (Socket one : flood) {
                    if (!answered.contains(one) && one.getInputStream().available() > 0) {
                        answered.add(one);
                    }
                }
                return answered.size() == 7;
            });
            int refused = 0;
            for (Socket one : answered) {
                String head = head(one.getInputStream());
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
            for (Socket one : flood) {
                one.close();
            }
            assertEquals(200, server.get("/hello.txt", TestServer.as("kaigai")).statusCode());
        } finally {
            for (Socket one : flood) {
                one.close();
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            assertTrue(octet >= 0, head::toString);
            head.append((char) octet);
        }
        return head.toString();
    }
}
