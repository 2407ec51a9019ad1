// SPDX-License-Identifier: Apache-2.0
// Large bodies get more room on their way, and arrive as they are.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBufferTest {
    private static final int DEFAULT = 8_192;
    private static final int LARGER = 65_536;

    @TempDir
    Path folder;

    /** Notes how much room each request's connection has at its end. */
    private static final class Rooms extends ValveBase {
        private final List<Integer> seen = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            getNext().invoke(request, response);
            seen.add(WriteBuffer.of(request).orElseThrow().getWriteBuffer().capacity());
        }

        void await(int requests) throws InterruptedException {
            for (int i = 0; seen.size() < requests && i < 4_000; i++) {
                Thread.sleep(5);
            }
        }
    }

    private static void assertServes(TestServer server, HttpClient client, String path, byte[] content)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .build();
        assertArrayEquals(
                content, client.send(request, BodyHandlers.ofByteArray()).body());
    }

    @Test
    void givesRoomToLargeFilesOnlyAndToSoManyOfThem() throws Exception {
        byte[] large = new byte[WriteBuffer.LARGE];
        new Random(1).nextBytes(large);
        byte[] small = Arrays.copyOf(large, WriteBuffer.LARGE - 1);
        Rooms rooms = new Rooms();
        try (TestServer server = new TestServer(folder).onHost(Map.of("allowKeepAlive", "true"))) {
            server.tomcat.getEngine().getPipeline().addValve(rooms);
            Files.write(server.documents.resolve("large"), large);
            Files.write(server.documents.resolve("small"), small);
            server.start();
            HttpClient first = HttpClient.newHttpClient();
            assertServes(server, first, "/small", small);
            assertServes(server, first, "/large", large);
            assertServes(server, first, "/small", small);
            rooms.await(3);
            assertEquals(List.of(DEFAULT, LARGER, LARGER), rooms.seen, "as long as the connection lives");
            List<HttpClient> others = new ArrayList<>();
            for (int i = 0; i < WriteBuffer.MOST; i++) {
                others.add(HttpClient.newHttpClient());
                assertServes(server, others.get(i), "/large", large);
            }
            rooms.await(3 + others.size());
            assertEquals(DEFAULT, rooms.seen.get(2 + others.size()));
        }
    }
}
