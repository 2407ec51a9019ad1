// SPDX-License-Identifier: Apache-2.0
// What may come from a cache, and what never.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Wrapper;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {
    @TempDir
    Path folder;

    /** What is cached stays so, however long the test takes. */
    private static void remember(TestServer server) {
        StandardRoot root = new StandardRoot(server.context);
        root.setCacheTtl(3_600_000);
        server.context.setResources(root);
    }

    private static void replace(TestServer server, String name, String content) throws Exception {
        Path next = Files.writeString(server.documents.resolve("next"), content);
        Files.move(next, server.documents.resolve(name), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<String> cacheControl(HttpResponse<String> answer) {
        return answer.headers().allValues("Cache-Control");
    }

    @Test
    void tellsCachesOnTheWayToAskAgain() throws Exception {
        try (TestServer server = new TestServer(folder).document("a.txt", "a").document("denied.txt", "x")) {
            server.forbid("denied.txt")
                    .mapping("map", "guest @deny", "kaigai @unchanged", "* a_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            for (String path : new String[] {"/a.txt", "/denied.txt", "/absent.txt", "/"}) {
                assertEquals(List.of("private, no-cache"), cacheControl(server.get(path)), path);
            }
            assertEquals(List.of("private, no-cache"), cacheControl(server.get("/a.txt", TestServer.as("guest"))));
            assertEquals(List.of(), cacheControl(server.get("/a.txt", TestServer.as("kaigai"))));
        }
    }

    @Test
    void tellsThemNothingWhereCachesAreAllowed() throws Exception {
        try (TestServer server = new TestServer(folder).document("a.txt", "a")) {
            server.onHost(Map.of("allowCaches", "true")).start();
            assertEquals(List.of(), cacheControl(server.get("/a.txt")));
        }
    }

    @Test
    void servesAFileThatIsReplacedWholeFromTheCacheOrNot() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            String large = "x".repeat(600_000);
            remember(server);
            server.document("small.txt", "small")
                    .document("large.bin", large)
                    .onHost(Map.of("allowCaches", "true"))
                    .start();
            assertEquals(
                    Integer.toString(5),
                    server.send("HEAD", "/small.txt")
                            .headers()
                            .firstValue("Content-Length")
                            .orElseThrow());
            assertEquals(large, server.get("/large.bin").body());
            replace(server, "small.txt", "another and longer");
            replace(server, "large.bin", "short");
            assertEquals("small", server.get("/small.txt").body(), "attributes and content of the same file");
            assertEquals("short", server.get("/large.bin").body());
            Files.delete(server.documents.resolve("large.bin"));
            assertEquals(404, server.get("/large.bin").statusCode());
        }
    }

    @Test
    void servesPrecompressedFilesOnlyIfTheyMayBeRead() throws Exception {
        for (String caches : new String[] {"false", "true"}) {
            try (TestServer server = new TestServer(Files.createDirectories(folder.resolve(caches)))) {
                ((Wrapper) server.context.findChild("default")).addInitParameter("precompressed", "true");
                server.document("a.txt", "plain").document("a.txt.gz", "packed").document("b.txt", "plain");
                server.document("b.txt.gz", "denied").forbid("b.txt.gz");
                remember(server);
                server.onHost(Map.of("allowCaches", caches)).start();
                String[] gzip = {"Accept-Encoding", "gzip"};
                assertEquals("packed", server.get("/a.txt", gzip).body());
                assertEquals("plain", server.get("/a.txt").body());
                assertEquals("plain", server.get("/b.txt", gzip).body());
                replace(server, "a.txt.gz", "packed anew");
                HttpResponse<String> answer = server.get("/a.txt", gzip);
                assertEquals(200, answer.statusCode());
                assertEquals(caches.equals("true") ? "packed" : "packed anew", answer.body());
                assertTrue(answer.headers().firstValue("Content-Encoding").isPresent());
            }
        }
    }

    @Test
    void keepsNoneOfTheServersOwnNorOfRefusals() throws Exception {
        try (TestServer server = new TestServer(folder).document("a.txt", "a").document("b.txt", "b")) {
            Path file = server.forbid("a.txt").documents.resolve("a.txt");
            remember(server);
            server.context.addServletContainerInitializer(
                    (classes, application) -> assertNotNull(application.getRealPath("/a.txt"), "at start"), Set.of());
            server.onHost(Map.of("allowCaches", "true")).start();
            assertTrue(server.context.getResources().getResource("/a.txt").exists(), "in the background");
            assertEquals(403, server.get("/a.txt").statusCode());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertEquals("a", server.get("/a.txt").body());
            assertEquals("b", server.get("/b.txt").body());
            replace(server, "b.txt", "another");
            assertEquals("b", server.get("/b.txt").body(), "there is a cache");
        }
    }

    @Test
    void keepsNothingWhereThatIsNotAllowedWhoeverTurnsItOn() throws Exception {
        try (TestServer server = new TestServer(folder).document("a.txt", "a")) {
            remember(server);
            server.onHost(Map.of()).start();
            server.context.getResources().setCachingAllowed(true);
            assertEquals("a", server.get("/a.txt").body());
            server.forbid("a.txt");
            assertEquals(403, server.get("/a.txt").statusCode());
        }
    }
}
