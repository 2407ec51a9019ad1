// SPDX-License-Identifier: Apache-2.0
// Files come from a helper, and HTTP stays Tomcat's.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(folder)
                .document("hello.txt", "hello, world\n")
                .document("empty.txt", "")
                .document("large.bin", "0123456789abcdef".repeat(200_000))
                .document("sub/index.html", "<p>welcome</p>")
                .document("list/a.txt", "a")
                .document("list/b.txt", "b")
                .document("WEB-INF/secret.txt", "secret")
                .onHost(Map.of())
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void servesAFileThroughAHelperOfItsOwn() throws Exception {
        assertEquals("hello, world\n", server.get("/hello.txt").body());
        Object first =
                server.attribute("/hello.txt", RequestScope.HELPER_ATTRIBUTE).orElseThrow();
        assertEquals("hello, world\n", server.get("/hello.txt").body());
        Object second =
                server.attribute("/hello.txt", RequestScope.HELPER_ATTRIBUTE).orElseThrow();
        assertNotEquals(first, second);
        assertNotEquals(ProcessHandle.current().pid(), first);
    }

    @Test
    void servesALargeFileWhole() throws Exception {
        assertEquals(
                "0123456789abcdef".repeat(200_000), server.get("/large.bin").body());
    }

    @Test
    void servesAnEmptyFile() throws Exception {
        HttpResponse<String> answer = server.get("/empty.txt");
        assertEquals(200, answer.statusCode());
        assertEquals("", answer.body());
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        HttpResponse<String> answer = server.send("HEAD", "/hello.txt");
        assertEquals(200, answer.statusCode());
        assertEquals(Optional.of("13"), answer.headers().firstValue("Content-Length"));
        assertEquals("", answer.body());
    }

    @Test
    void answersRanges() throws Exception {
        HttpResponse<String> one = server.get("/large.bin", "Range", "bytes=1000000-1000003");
        assertEquals(206, one.statusCode());
        assertEquals("0123", one.body());
        HttpResponse<String> two = server.get("/large.bin", "Range", "bytes=0-1,17-18");
        assertEquals(206, two.statusCode());
        assertTrue(two.body().contains("01") && two.body().contains("12"));
        assertEquals(416, server.get("/hello.txt", "Range", "bytes=99-").statusCode());
    }

    @Test
    void answersConditions() throws Exception {
        String tag = server.get("/hello.txt").headers().firstValue("ETag").orElseThrow();
        assertEquals(304, server.get("/hello.txt", "If-None-Match", tag).statusCode());
        assertEquals(412, server.get("/hello.txt", "If-Match", "\"other\"").statusCode());
    }

    @Test
    void givesTheSameTagLengthAndTypeAsTomcatWould() throws Exception {
        HttpResponse<String> answer = server.get("/hello.txt");
        long modified =
                Files.getLastModifiedTime(server.documents.resolve("hello.txt")).toMillis();
        assertEquals(Optional.of("W/\"13-" + modified + "\""), answer.headers().firstValue("ETag"));
        assertEquals(Optional.of("text/plain"), answer.headers().firstValue("Content-Type"));
        assertTrue(answer.headers().firstValue("Last-Modified").isPresent());
    }

    @Test
    void findsWelcomeFilesAndRedirectsToFolders() throws Exception {
        assertEquals("<p>welcome</p>", server.get("/sub/").body());
        HttpResponse<String> redirect = server.get("/sub");
        assertEquals(302, redirect.statusCode());
        assertTrue(redirect.headers().firstValue("Location").orElseThrow().endsWith("/sub/"));
    }

    @Test
    void listsAFolder() throws Exception {
        HttpResponse<String> listing = server.get("/list/");
        assertEquals(200, listing.statusCode());
        assertTrue(listing.body().contains("a.txt") && listing.body().contains("b.txt"));
        assertFalse(server.get("/").body().contains("WEB-INF"));
    }

    @Test
    void answers404ToWhatIsNotThere() throws Exception {
        for (String path : new String[] {
            "/absent.txt", "/hello.txt/", "/hello.txt/more", "/WEB-INF/secret.txt", "/%00", "/a%00b", "/%C3%28.txt"
        }) {
            assertTrue(server.get(path).statusCode() >= 400, path);
        }
        assertEquals(404, server.get("/absent.txt").statusCode());
        assertEquals(404, server.get("/hello.txt/").statusCode());
    }

    @Test
    void neverFollowsASymbolicLink() throws Exception {
        Path secret = Files.writeString(folder.resolve("outside.txt"), "outside");
        Files.createSymbolicLink(server.documents.resolve("link.txt"), secret);
        Files.createSymbolicLink(server.documents.resolve("inside.txt"), Path.of("hello.txt"));
        assertEquals(404, server.get("/link.txt").statusCode());
        assertEquals(404, server.get("/inside.txt").statusCode());
        assertFalse(server.get("/").body().contains("link.txt"));
    }

    @Test
    void servesNamesOutsideOfAscii() throws Exception {
        server.document("gr\u00fc\u00dfe.txt", "umlaut");
        assertEquals("umlaut", server.get("/gr%C3%BC%C3%9Fe.txt").body());
    }

    @Test
    void leavesOtherMethodsToTomcatWhichMayChangeNothing() throws Exception {
        assertEquals("hello, world\n", server.send("POST", "/hello.txt").body());
        assertEquals(200, server.send("OPTIONS", "/hello.txt").statusCode());
        for (String method : new String[] {"PUT", "DELETE", "PATCH", "LOCK"}) {
            assertTrue(server.send(method, "/hello.txt").statusCode() >= 400, method);
        }
        assertTrue(Files.exists(server.documents.resolve("hello.txt")));
    }

    @Test
    void closesTheConnectionAndForbidsSharedCaches() throws Exception {
        String request = "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String answer = server.raw(request + request);
        assertTrue(answer.contains("Connection: close"), answer);
        assertTrue(answer.contains("Cache-Control: private"), answer);
        assertEquals(answer.indexOf("HTTP/1.1 200"), answer.lastIndexOf("HTTP/1.1"), "one answer only");
    }
}
