// SPDX-License-Identifier: Apache-2.0
// Connections that close, connections that stay, and the helpers on them.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepAliveTest {
    @TempDir
    Path folder;

    private TestServer server() throws Exception {
        return new TestServer(folder)
                .document("a.txt", "a")
                .document("b.txt", "b")
                .mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0");
    }

    private TestServer started(String... attributes) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of("allowKeepAlive", "true", "mappingFile", "map"));
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        return server().onHost(all).start();
    }

    private static long helper(TestServer server, KeptConnection connection, String path, String... headers)
            throws Exception {
        String answer = connection.get(path, headers);
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        return server.helperOf(path);
    }

    private static String credentials(String user) {
        return String.join(": ", TestServer.as(user));
    }

    @Test
    void servesAConnectionByOneHelperAndAnotherConnectionByAnother() throws Exception {
        try (TestServer server = started();
                KeptConnection one = new KeptConnection(server);
                KeptConnection two = new KeptConnection(server)) {
            long first = helper(server, one, "/a.txt");
            assertEquals(first, helper(server, one, "/b.txt"));
            assertEquals(first, helper(server, one, "/a.txt"));
            assertNotEquals(first, helper(server, two, "/b.txt"));
            assertTrue(one.get("/absent.txt").startsWith("HTTP/1.1 404"));
            assertEquals(first, helper(server, one, "/b.txt"));
        }
    }

    @Test
    void takesAnotherHelperForAnotherContext() throws Exception {
        try (TestServer server = started();
                KeptConnection connection = new KeptConnection(server)) {
            long anonymous = helper(server, connection, "/a.txt");
            long kaigai = helper(server, connection, "/b.txt", credentials("kaigai"));
            assertNotEquals(anonymous, kaigai);
            Await.dead(anonymous);
            assertNotEquals(kaigai, helper(server, connection, "/a.txt"));
            Await.dead(kaigai);
        }
    }

    @Test
    void takesAnotherHelperForAnotherFolder() throws Exception {
        try (TestServer server = server()) {
            server.onHost(Map.of("allowKeepAlive", "true"));
            server.application("/second");
            server.start();
            try (KeptConnection connection = new KeptConnection(server)) {
                long first = helper(server, connection, "/a.txt");
                assertNotEquals(first, helper(server, connection, "/second/there.txt"));
                Await.dead(first);
            }
        }
    }

    @Test
    void takesAnotherHelperWhenTheApplicationIsStartedAnew() throws Exception {
        try (TestServer server = server()) {
            server.onHost(Map.of("allowKeepAlive", "true"));
            Path files = Files.createDirectory(folder.resolve("second"));
            Files.writeString(files.resolve("there.txt"), "there");
            Context second = server.tomcat.addWebapp("/second", files.toString());
            server.start();
            try (KeptConnection connection = new KeptConnection(server)) {
                long first = helper(server, connection, "/second/there.txt");
                Files.move(files, files.resolveSibling("before"));
                Files.writeString(Files.createDirectory(files).resolve("there.txt"), "a new folder");
                second.reload();
                assertTrue(connection.get("/second/there.txt").endsWith("a new folder"));
                assertNotEquals(first, server.helperOf("/second/there.txt"));
            }
        }
    }

    @Test
    void takesAnotherHelperUnderChangedRules() throws Exception {
        try (TestServer server = started();
                KeptConnection connection = new KeptConnection(server);
                LogLines log = new LogLines()) {
            long before = helper(server, connection, "/a.txt");
            server.mapping("map", "# changed", "* b_webapp_t:s0");
            Await.until("the rules do not change", () -> {
                server.tomcat.getHost().backgroundProcess();
                return !log.with("has changed and is in force").isEmpty();
            });
            assertNotEquals(before, helper(server, connection, "/b.txt"));
        }
    }

    @Test
    void takesAHelperForEachRequestWhereToldSo() throws Exception {
        for (String[] attribute : new String[][] {{"keepHelpers", "false"}, {"maxRequestTime", "60"}}) {
            try (TestServer server = started(attribute);
                    KeptConnection connection = new KeptConnection(server)) {
                long first = helper(server, connection, "/a.txt");
                assertNotEquals(first, helper(server, connection, "/b.txt"));
            }
        }
    }

    @Test
    void letsAHelperGoWhenTheConnectionHasNothingToSay() throws Exception {
        try (TestServer server = server()) {
            server.tomcat.getConnector().setProperty("keepAliveTimeout", "300");
            server.onHost(Map.of("allowKeepAlive", "true")).start();
            try (KeptConnection connection = new KeptConnection(server)) {
                Await.dead(helper(server, connection, "/a.txt"));
            }
        }
    }

    @Test
    void letsAHelperGoWithTheLastRequestOfItsConnection() throws Exception {
        try (TestServer server = started();
                KeptConnection connection = new KeptConnection(server)) {
            Await.dead(helper(server, connection, "/a.txt", "Connection: close"));
            assertTrue(connection.isEnded());
        }
    }

    @Test
    void letsAnIdleHelperGoForWhoeverNeedsOne() throws Exception {
        try (TestServer server = started("maxHelpers", "1", "maxQueue", "0");
                KeptConnection one = new KeptConnection(server);
                KeptConnection two = new KeptConnection(server)) {
            long first = helper(server, one, "/a.txt");
            long second = helper(server, two, "/b.txt", credentials("kaigai"));
            Await.dead(first);
            helper(server, one, "/a.txt");
            Await.dead(second);
        }
    }

    @Test
    void takesAnotherHelperWhereTheKeptOneHasDied() throws Exception {
        try (TestServer server = started();
                KeptConnection connection = new KeptConnection(server)) {
            long first = helper(server, connection, "/a.txt");
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            Await.dead(first);
            assertNotEquals(first, helper(server, connection, "/b.txt"));
        }
    }

    @Test
    void closesTheConnectionThoughAnApplicationResetsTheResponse() throws Exception {
        try (TestServer server = server()) {
            for (boolean flushes : new boolean[] {true, false}) {
                String name = "resets-" + flushes;
                Tomcat.addServlet(server.context, name, new Resets(flushes));
                server.context.addServletMappingDecoded("/" + name, name);
            }
            server.mapping("map", "* @unchanged")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            for (String path : new String[] {"/resets-true", "/resets-false"}) {
                String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
                String answers = server.raw(request + request);
                assertEquals(1, answers.split("HTTP/1.1 200", -1).length - 1, answers);
                assertTrue(answers.contains("again"), answers);
            }
        }
    }

    private static HttpResponse<String> http2(TestServer server, HttpClient client, int port, String path)
            throws Exception {
        server.asked();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .version(HttpClient.Version.HTTP_2)
                .timeout(Await.PATIENCE)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void sharesNoHelperBetweenStreamsOfHttp2() throws Exception {
        try (TestServer server = server()) {
            server.tomcat.getConnector().addUpgradeProtocol(new Http2Protocol());
            server.onHost(Map.of("allowKeepAlive", "true")).start();
            HttpClient client = HttpClient.newHttpClient();
            http2(server, client, server.port(), "/a.txt");
            HttpResponse<String> first = http2(server, client, server.port(), "/a.txt");
            assertEquals(HttpClient.Version.HTTP_2, first.version());
            long helper = server.helperOf("/a.txt");
            assertEquals("b", http2(server, client, server.port(), "/b.txt").body());
            assertNotEquals(helper, server.helperOf("/b.txt"));
            Await.dead(helper);
        }
    }

    @Test
    void refusesHttp2OnAConnectorThatCameLater() throws Exception {
        try (TestServer server = server()) {
            server.onHost(Map.of()).start();
            Connector late = new Connector();
            late.setPort(0);
            late.setProperty("address", "127.0.0.1");
            late.addUpgradeProtocol(new Http2Protocol());
            server.tomcat.getService().addConnector(late);
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> answer = http2(server, client, late.getLocalPort(), "/a.txt");
            assertEquals(HttpClient.Version.HTTP_2, answer.version());
            assertEquals(505, answer.statusCode());
            assertFalse(answer.body().contains("a.txt"));
        }
    }

    /** Takes back what the valve has said about the connection. */
    private static final class Resets extends HttpServlet {
        private static final long serialVersionUID = 1L;
        private final boolean flushes;

        Resets(boolean flushes) {
            this.flushes = flushes;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.reset();
            response.getOutputStream().write("again".getBytes(StandardCharsets.US_ASCII));
            if (flushes) {
                response.flushBuffer();
            }
        }
    }
}
