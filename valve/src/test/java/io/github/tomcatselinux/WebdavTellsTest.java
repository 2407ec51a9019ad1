// SPDX-License-Identifier: Apache-2.0
// What WebDAV tells of files that a context may not read, and what it does on the way of a forward.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebdavTellsTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    /** WebDAV below /dav and by a servlet that forwards to it below /forward; another that came after the start. */
    private TestServer server(Map<String, String> attributes) throws Exception {
        TestServer server = new TestServer(folder)
                .document("old.txt", "old")
                .document("secret.txt", "secret")
                .forbid("secret.txt");
        webdav(server, "dav");
        ServletsTest.servlet(server.context, "/forward/*", (request, response) -> {
            request.getRequestDispatcher("/dav" + request.getPathInfo()).forward(request, response);
        });
        ServletsTest.servlet(server.context, "/late-forward/*", (request, response) -> {
            request.getRequestDispatcher("/late" + request.getPathInfo()).forward(request, response);
        });
        server.onHost(attributes).start();
        webdav(server, "late");
        return server;
    }

    private static void webdav(TestServer server, String name) {
        Wrapper webdav = Tomcat.addServlet(server.context, name, "org.apache.catalina.servlets.WebdavServlet");
        webdav.addInitParameter("readonly", "false");
        webdav.addInitParameter("listings", "true");
        server.context.addServletMappingDecoded("/" + name + "/*", name);
    }

    private HttpResponse<String> send(TestServer server, String method, String path) throws Exception {
        String url = "http://127.0.0.1:" + server.port();
        String body = switch (method) {
            case "LOCK" -> WriteTest.LOCK;
            case "PROPPATCH" -> WriteTest.PROPERTY;
            case "PUT" -> "mine";
            default -> "";
        };
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Await.PATIENCE)
                .header("Destination", url + path + ".copy")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String statuses(TestServer server, String path, String... methods) throws Exception {
        Map<String, Integer> told = new LinkedHashMap<>();
        for (String method : methods) {
            told.put(method, send(server, method, path).statusCode());
        }
        return told.toString();
    }

    @Test
    void tellsOfAHiddenFileOnlyThatItsNameIsTaken() throws Exception {
        try (TestServer server = server(Map.of("deniedStatus", "404"))) {
            String[] alike = {
                "GET", "HEAD", "POST", "PROPFIND", "PROPPATCH", "OPTIONS", "COPY", "MOVE", "DELETE", "UNLOCK"
            };
            assertEquals(statuses(server, "/dav/absent.txt", alike), statuses(server, "/dav/secret.txt", alike));
            // What could be made of an absent name cannot be made of this one: who may write here is told that much.
            assertEquals("{MKCOL=409, PUT=404, LOCK=404}", statuses(server, "/dav/secret.txt", "MKCOL", "PUT", "LOCK"));
            assertEquals("secret", read(server, "secret.txt"));
        }
    }

    @Test
    void onlyReadsWhatAForwardLeadsTo() throws Exception {
        try (TestServer server = server(Map.of())) {
            String[] others = {"PUT", "DELETE", "MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"};
            for (String forward : List.of("/forward", "/late-forward")) {
                assertEquals("old", send(server, "GET", forward + "/old.txt").body());
                assertEquals(403, send(server, "GET", forward + "/secret.txt").statusCode());
                for (String path : List.of("/old.txt", "/secret.txt", "/made")) {
                    for (String method : others) {
                        assertEquals(403, send(server, method, forward + path).statusCode(), method + " " + path);
                    }
                }
            }
            assertEquals("old", read(server, "old.txt"));
            assertEquals(204, send(server, "PUT", "/dav/old.txt").statusCode(), "nothing was locked");
        }
    }

    private static String read(TestServer server, String name) throws Exception {
        Path file = server.documents.resolve(name);
        assertFalse(Files.exists(server.documents.resolve("made")));
        return Files.readString(file);
    }
}
