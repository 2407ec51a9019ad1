// SPDX-License-Identifier: Apache-2.0
// How often a request asks its helper, and how much memory of the JVM it takes.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import jakarta.servlet.ServletException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostTest {
    private static final int LARGE = 64 << 20;
    private static final long MUCH_LESS = LARGE / 8;

    @TempDir
    Path folder;

    /** Stands between the valve and a launcher, and counts how often the valve speaks after having been answered. */
    private final class Wire implements AutoCloseable {
        private final Path real = folder.resolve("real.sock");
        private final Path place = folder.resolve("wire.sock");
        private final AtomicInteger turns = new AtomicInteger();
        private final Process launcher;
        private final ServerSocketChannel server;

        Wire() throws IOException {
            launcher = new ProcessBuilder(
                            TestServer.LAUNCHER.toString(),
                            "--child",
                            "--socket",
                            real.toString(),
                            "--max",
                            "16",
                            "--not-enforcing")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8));
            assertTrue(out.readLine().startsWith("ready"));
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(place));
            start(() -> {
                while (true) {
                    SocketChannel valve = server.accept();
                    SocketChannel helper = SocketChannel.open(UnixDomainSocketAddress.of(real));
                    AtomicBoolean answered = new AtomicBoolean(true);
                    start(() -> pass(valve, helper, () -> turns.addAndGet(answered.getAndSet(false) ? 1 : 0)));
                    start(() -> pass(helper, valve, () -> answered.set(true)));
                }
            });
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void start(Work work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (IOException ended) {
                    // Either side has closed; so is the other.
                    return;
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private static void pass(SocketChannel from, SocketChannel to, Runnable noted) throws IOException {
            try (from;
                    to) {
                ByteBuffer octets = ByteBuffer.allocate(1 << 20);
                while (from.read(octets.clear()) >= 0) {
                    noted.run();
                    octets.flip();
                    while (octets.hasRemaining()) {
                        to.write(octets);
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            launcher.destroyForcibly();
        }
    }

    @Test
    void listsAThousandEntriesInThreeRoundTripsAtMost() throws Exception {
        try (Wire wire = new Wire();
                TestServer server = new TestServer(folder)) {
            for (int i = 0; i < 1_000; i++) {
                server.document("list/entry-number-" + i + ".txt", "x");
            }
            server.document("small.txt", "small")
                    .onHost(Map.of("launcher", "unix:" + wire.place))
                    .start();
            wire.turns.set(0);
            String listing = server.get("/list/").body();
            assertEquals(1_000, listing.split("entry-number-\\d+\\.txt</tt>", -1).length - 1);
            assertTrue(wire.turns.get() <= 3, wire.turns + " round trips");
            wire.turns.set(0);
            assertEquals("small", server.get("/small.txt").body());
            assertTrue(wire.turns.get() <= 1, wire.turns + " round trips");
        }
    }

    @Test
    void asksSeveralPlacesForAFileInOneRoundTrip() throws Exception {
        try (Wire wire = new Wire();
                TestServer server = new TestServer(folder)) {
            StandardRoot root = new StandardRoot(server.context);
            for (String name : List.of("first", "second", "third")) {
                Path place = Files.createDirectories(folder.resolve(name));
                Files.writeString(place.resolve(name + ".txt"), name);
                DirResourceSet set = new DirResourceSet();
                set.setBase(place.toString());
                set.setWebAppMount("/");
                root.addPreResources(set);
            }
            server.context.setResources(root);
            server.document("document.txt", "document")
                    .onHost(Map.of("launcher", "unix:" + wire.place))
                    .start();
            for (String name : List.of("first", "second", "third", "document")) {
                wire.turns.set(0);
                assertEquals(name, server.get("/" + name + ".txt").body());
                assertEquals(1, wire.turns.get(), name);
            }
            wire.turns.set(0);
            assertEquals(404, server.get("/absent.txt").statusCode());
            assertEquals(1, wire.turns.get(), "of what is in none");
        }
    }

    @Test
    void holdsNoCopyOfAFile() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ((Wrapper) server.context.findChild("default")).addInitParameter("readonly", "false");
            Path file = server.documents.resolve("large.bin");
            try (var out = Files.newOutputStream(file)) {
                byte[] piece = new byte[1 << 20];
                for (int i = 0; i < LARGE; i += piece.length) {
                    out.write(piece);
                }
            }
            Allocations allocations = new Allocations();
            server.tomcat.getEngine().getPipeline().addValve(allocations);
            server.onHost(Map.of()).start();
            HttpClient client = HttpClient.newHttpClient();
            URI uri = URI.create("http://127.0.0.1:" + server.port() + "/large.bin");
            Path copy = folder.resolve("copy.bin");
            HttpResponse<Path> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofFile(copy));
            assertEquals(200, answer.statusCode());
            assertEquals(LARGE, Files.size(copy));
            allocations.assertLess("GET");
            HttpRequest put = HttpRequest.newBuilder(uri)
                    .PUT(HttpRequest.BodyPublishers.ofFile(copy))
                    .build();
            assertEquals(
                    204,
                    client.send(put, HttpResponse.BodyHandlers.discarding()).statusCode());
            assertEquals(LARGE, Files.size(file));
            allocations.assertLess("PUT");
        }
    }

    /** What the request's thread allocated, all of it, collected since or not. */
    private static final class Allocations extends ValveBase {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final AtomicLong last = new AtomicLong(-1);

        Allocations() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                getNext().invoke(request, response);
            } finally {
                last.set(threads.getCurrentThreadAllocatedBytes() - before);
            }
        }

        void assertLess(String method) throws Exception {
            Await.until("the request does not end", () -> last.get() >= 0);
            long allocated = last.getAndSet(-1);
            assertTrue(allocated < MUCH_LESS, method + " allocated " + allocated + " octets");
        }
    }
}
