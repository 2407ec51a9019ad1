// SPDX-License-Identifier: Apache-2.0
// Uploads and WebDAV through a helper.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteTest {
    static final String LOCK = """
            <?xml version="1.0"?><lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>\
            <locktype><write/></locktype><owner>me</owner></lockinfo>""";

    static final String PROPERTY = """
            <?xml version="1.0"?><propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x">1</x></prop></set>\
            </propertyupdate>""";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    /** Files may be changed at their own place, and by WebDAV below /dav. */
    private TestServer server(String... attributes) throws Exception {
        TestServer server = new TestServer(folder).document("old.txt", "old").document("folder/a.txt", "a");
        ((Wrapper) server.context.findChild("default")).addInitParameter("readonly", "false");
        Wrapper webdav = Tomcat.addServlet(server.context, "dav", "org.apache.catalina.servlets.WebdavServlet");
        webdav.addInitParameter("readonly", "false");
        webdav.addInitParameter("listings", "true");
        server.context.addServletMappingDecoded("/dav/*", "dav");
        Map<String, String> all = new java.util.HashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        return server.onHost(all).start();
    }

    private HttpResponse<String> send(TestServer server, String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Await.PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(List.of("close"), answer.headers().allValues("Connection"), "the client knows");
        return answer;
    }

    private int status(TestServer server, String method, String path, String body, String... headers) throws Exception {
        return send(server, method, path, body, headers).statusCode();
    }

    private static String content(TestServer server, String name) throws IOException {
        return Files.readString(server.documents.resolve(name));
    }

    private static List<String> names(TestServer server, String name) throws IOException {
        try (Stream<Path> files = Files.list(server.documents.resolve(name))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String url(TestServer server, String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    /** Closed to a helper, which has no capabilities, even where it is the owner. */
    private static void readOnly(TestServer server, String name) throws IOException {
        Path file = server.documents.resolve(name);
        boolean directory = Files.isDirectory(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(directory ? "r-xr-xr-x" : "r--r--r--"));
    }

    @Test
    void putsAndDeletesFiles() throws Exception {
        try (TestServer server = server()) {
            assertEquals(201, status(server, "PUT", "/new.txt", "new"));
            assertEquals("new", content(server, "new.txt"));
            assertEquals("new", server.get("/new.txt").body());
            assertEquals(204, status(server, "PUT", "/old.txt", "newer"));
            assertEquals("newer", server.get("/old.txt").body());
            String large = "0123456789abcdef".repeat(100_000);
            assertEquals(201, status(server, "PUT", "/large.bin", large));
            assertEquals(large, server.get("/large.bin").body());
            assertEquals(201, status(server, "PUT", "/empty", ""));
            assertEquals("", content(server, "empty"));
            assertEquals(409, status(server, "PUT", "/absent/file", "x"));
            assertEquals(204, status(server, "DELETE", "/old.txt", ""));
            assertEquals(404, status(server, "DELETE", "/old.txt", ""));
            assertEquals(404, server.get("/old.txt").statusCode());
            assertEquals(List.of("empty", "folder", "large.bin", "new.txt"), names(server, ""));
        }
    }

    @Test
    void makesCopiesMovesAndDeletesFolders() throws Exception {
        try (TestServer server = server()) {
            assertEquals(201, status(server, "MKCOL", "/dav/made", ""));
            assertEquals(405, status(server, "MKCOL", "/dav/made", ""));
            assertEquals(409, status(server, "MKCOL", "/dav/absent/made", ""));
            assertEquals(201, status(server, "COPY", "/dav/folder", "", "Destination", url(server, "/dav/copy")));
            assertEquals("a", content(server, "copy/a.txt"));
            assertEquals(
                    204, status(server, "COPY", "/dav/old.txt", "", "Destination", url(server, "/dav/copy/a.txt")));
            assertEquals("old", content(server, "copy/a.txt"));
            assertEquals(201, status(server, "MOVE", "/dav/copy", "", "Destination", url(server, "/dav/made/moved")));
            assertEquals("old", content(server, "made/moved/a.txt"));
            assertEquals(204, status(server, "DELETE", "/dav/made", ""));
            assertEquals(List.of("folder", "old.txt"), names(server, ""));
            HttpResponse<String> found = send(server, "PROPFIND", "/dav/folder", "", "Depth", "1");
            assertEquals(207, found.statusCode());
            assertTrue(found.body().contains("/dav/folder/a.txt"), found.body());
        }
    }

    @Test
    void walksThroughTheWholeApplicationForNobody() throws Exception {
        try (TestServer server = server()) {
            server.document("WEB-INF/secret.txt", "secret").document("folder/WEB-INF/b.txt", "b");
            for (String method : List.of("COPY", "MOVE", "DELETE")) {
                assertEquals(403, status(server, method, "/dav/", "", "Destination", url(server, "/dav/all")), method);
            }
            assertEquals(List.of("WEB-INF", "folder", "old.txt"), names(server, ""));
            assertEquals("secret", content(server, "WEB-INF/secret.txt"));
            HttpResponse<String> found = send(server, "PROPFIND", "/dav/", "", "Depth", "1");
            assertFalse(found.body().contains("WEB-INF"), found.body());
            assertEquals(201, status(server, "COPY", "/dav/folder", "", "Destination", url(server, "/dav/copy")));
            assertEquals(List.of("WEB-INF", "a.txt"), names(server, "copy"));
        }
    }

    @Test
    void copiesALargeFileWhole() throws Exception {
        try (TestServer server = server()) {
            String large = "0123456789abcdef".repeat(300_000);
            server.document("large.bin", large);
            assertEquals(201, status(server, "COPY", "/dav/large.bin", "", "Destination", url(server, "/dav/copy")));
            assertEquals(large, content(server, "copy"));
        }
    }

    @Test
    void refusesWhatTheHelperMayNotWrite() throws Exception {
        for (String denied : new String[] {"403", "404"}) {
            try (TestServer server = server("deniedStatus", denied);
                    LogLines log = new LogLines();
                    LogLines tomcats = new LogLines("org.apache.catalina.core.ContainerBase")) {
                int refused = Integer.parseInt(denied);
                readOnly(server, "folder");
                assertEquals(refused, status(server, "PUT", "/folder/new.txt", "new"));
                assertEquals(refused, status(server, "DELETE", "/folder/a.txt", ""));
                assertEquals(refused, status(server, "MKCOL", "/dav/folder/made", ""));
                assertEquals(
                        refused,
                        status(server, "COPY", "/dav/old.txt", "", "Destination", url(server, "/dav/folder/x")));
                assertEquals(
                        refused, status(server, "MOVE", "/dav/folder/a.txt", "", "Destination", url(server, "/dav/y")));
                assertEquals(List.of("a.txt"), names(server, "folder"));
                assertEquals(
                        1, log.with("/folder/new.txt", "by Unix permissions").size());
                assertEquals(List.of(), tomcats.with(), "a refusal is no error of the server's");
                Files.setPosixFilePermissions(
                        server.documents.resolve("folder"), PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.deleteIfExists(server.documents.resolve("y"));
            }
        }
    }

    @Test
    void takesAFolderForWritableWhereTomcatDoes() throws Exception {
        try (TestServer server = server()) {
            readOnly(server, "old.txt");
            for (String parameter : List.of("no", "0", " false", "", "FALSE")) {
                String path = "/dav-" + System.identityHashCode(parameter);
                Wrapper webdav = Tomcat.addServlet(server.context, path, "org.apache.catalina.servlets.WebdavServlet");
                webdav.addInitParameter("readonly", parameter);
                server.context.addServletMappingDecoded(path + "/*", path);
                assertEquals(403, status(server, "LOCK", path + "/old.txt", LOCK), "[" + parameter + "]");
                assertEquals(200, status(server, "LOCK", path + "/folder/a.txt", LOCK), "[" + parameter + "]");
            }
        }
    }

    @Test
    void asksForLocksAndPropertiesWhetherTheHelperMayWrite() throws Exception {
        try (TestServer server = server()) {
            server.document("folder/closed/b.txt", "b");
            readOnly(server, "folder/closed/b.txt");
            readOnly(server, "old.txt");
            assertEquals(403, status(server, "LOCK", "/dav/old.txt", LOCK));
            assertEquals(403, status(server, "PROPPATCH", "/dav/old.txt", PROPERTY));
            assertEquals(403, status(server, "UNLOCK", "/dav/old.txt", "", "Lock-Token", "<urn:uuid:x>"));
            assertEquals(403, status(server, "LOCK", "/dav/folder", LOCK, "Depth", "infinity"));
            assertEquals(403, status(server, "LOCK", "/dav/folder", LOCK));
            assertEquals(200, status(server, "LOCK", "/dav/folder/a.txt", LOCK));
            assertEquals(207, status(server, "PROPPATCH", "/dav/folder", PROPERTY));
            assertEquals(423, status(server, "PUT", "/dav/folder/a.txt", "x"));
        }
    }

    @Test
    void tellsNothingOfWhatTheHelperMayNotRead() throws Exception {
        try (TestServer server = server()) {
            server.document("folder/secret.txt", "secret").forbid("folder/secret.txt");
            for (String method : new String[] {"PROPFIND", "PROPPATCH", "LOCK", "COPY", "MOVE", "PUT", "OPTIONS"}) {
                HttpResponse<String> answer =
                        send(server, method, "/dav/folder/secret.txt", "", "Destination", url(server, "/dav/copied"));
                assertEquals(403, answer.statusCode(), method);
                assertFalse(answer.body().contains("secret.txt</"), answer.body());
            }
            assertFalse(send(server, "PROPFIND", "/dav/folder", "").body().contains("secret"));
            assertEquals(List.of("a.txt", "secret.txt"), names(server, "folder"));
        }
    }

    @Test
    void refusesAPartInsteadOfStagingIt() throws Exception {
        try (TestServer server = server()) {
            assertEquals(400, status(server, "PUT", "/old.txt", "x", "Content-Range", "bytes 1-1/3"));
            assertEquals(400, status(server, "PUT", "/dav/old.txt", "x", "Content-Range", "bytes 1-1/3"));
            assertEquals("old", content(server, "old.txt"));
            try (Stream<Path> files = Files.walk(server.base)) {
                assertFalse(files.anyMatch(file -> file.toString().contains("put-part")));
            }
        }
    }

    @Test
    void leavesTheOldFileWholeWhenTheClientGoesAway() throws Exception {
        try (TestServer server = server()) {
            String half = "x".repeat(200_000);
            for (String header : new String[] {
                "Content-Length: 400000\r\n\r\n" + half, "Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + half + "\r\n"
            }) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
                    String request = "PUT /old.txt HTTP/1.1\r\nHost: localhost\r\n" + header;
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    InputStream answer = socket.getInputStream();
                    String status = new String(answer.readNBytes(12), StandardCharsets.US_ASCII);
                    assertFalse(status.startsWith("HTTP/1.1 2"), status);
                }
            }
            assertEquals("old", content(server, "old.txt"));
            assertEquals(204, status(server, "PUT", "/old.txt", "new"));
            assertEquals(List.of("folder", "old.txt"), names(server, ""));
        }
    }

    @Test
    void neverMixesAnUploadWithAReader() throws Exception {
        try (TestServer server = server()) {
            String a = "a".repeat(300_000);
            String b = "b".repeat(200_000);
            assertEquals(201, status(server, "PUT", "/mixed.txt", a));
            Background writer = Background.run(() -> {
                for (int i = 0; i < 20; i++) {
                    assertEquals(204, status(server, "PUT", "/mixed.txt", i % 2 == 0 ? b : a));
                }
            });
            int whole = 0;
            while (!writer.isDone()) {
                HttpResponse<String> answer = server.get("/mixed.txt");
                if (answer.statusCode() == 200) {
                    assertTrue(Arrays.asList(a, b).contains(answer.body()), "a file of two uploads");
                    whole++;
                }
            }
            writer.join();
            assertTrue(whole > 0);
            assertEquals(List.of("folder", "mixed.txt", "old.txt"), names(server, ""));
        }
    }

    @Test
    void leavesTheOldFileWholeWhereThereIsNoRoom() throws Exception {
        try (TestServer server = server("maxFileSize", "100K");
                LogLines log = new LogLines();
                LogLines tomcats = new LogLines("org.apache.catalina.core.ContainerBase")) {
            assertEquals(507, status(server, "PUT", "/old.txt", "x".repeat(200_000)));
            assertEquals("old", content(server, "old.txt"));
            assertEquals(List.of("folder", "old.txt"), names(server, ""));
            assertEquals(1, log.with("/old.txt", "no room").size());
            assertEquals(List.of(), tomcats.with(), "a full disk is no error of the server's");
        }
    }

    @Test
    void overwritesAsTheAdministratorSays() throws Exception {
        for (String overwrite : new String[] {"same-label", "in-place"}) {
            try (TestServer server = server("overwrite", overwrite)) {
                Path file = server.documents.resolve("old.txt");
                Object before = Files.getAttribute(file, "unix:ino");
                assertEquals(204, status(server, "PUT", "/old.txt", overwrite));
                assertEquals(overwrite, content(server, "old.txt"));
                assertEquals(overwrite.equals("in-place"), before.equals(Files.getAttribute(file, "unix:ino")));
            }
        }
    }

    @Test
    void refusesToReplaceAFileOfSomebodyElses() throws Exception {
        try (TestServer server = server();
                LogLines log = new LogLines()) {
            Path file = server.documents.resolve("old.txt");
            Files.setAttribute(file, "unix:uid", 12345);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertEquals(409, status(server, "PUT", "/old.txt", "mine"));
            assertEquals("old", content(server, "old.txt"));
            assertEquals(12345, Files.getAttribute(file, "unix:uid"));
            assertEquals(1, log.with("/old.txt", "see overwrite").size());
        }
    }

    @Test
    void changesNothingWhereTheServletIsReadOnly() throws Exception {
        try (TestServer server = new TestServer(folder)
                .document("old.txt", "old")
                .onHost(Map.of())
                .start()) {
            assertEquals(405, status(server, "PUT", "/old.txt", "x"));
            assertEquals(405, status(server, "DELETE", "/old.txt", ""));
            assertEquals("old", content(server, "old.txt"));
        }
    }

    @Test
    void letsNobodyIntoTheServersOwnFolders() throws Exception {
        try (TestServer server = server()) {
            server.document("WEB-INF/web.xml", "secret");
            for (String path :
                    new String[] {"/WEB-INF/web.xml", "/dav/WEB-INF/web.xml", "/dav/WEB-INF", "/dav/web-inf/x"}) {
                for (String method : new String[] {"PUT", "DELETE", "MKCOL", "PROPFIND", "LOCK"}) {
                    assertTrue(status(server, method, path, method.equals("LOCK") ? LOCK : "") >= 400, method + path);
                }
            }
            status(server, "COPY", "/dav/old.txt", "", "Destination", url(server, "/dav/WEB-INF/x"));
            status(server, "COPY", "/dav/WEB-INF/web.xml", "", "Destination", url(server, "/dav/x"));
            assertEquals(List.of("web.xml"), names(server, "WEB-INF"));
            assertEquals(List.of("WEB-INF", "folder", "old.txt"), names(server, ""));
        }
    }
}
