// SPDX-License-Identifier: Apache-2.0
// Names and files that try to get a helper, or the server, out of the application's folder.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileHolesTest {
    private static final String SECRET = "outside of the folder";

    @TempDir
    Path folder;

    private Path secret() throws IOException {
        return Files.writeString(folder.resolve("secret.txt"), SECRET);
    }

    private TestServer server() throws Exception {
        secret();
        return new TestServer(folder)
                .document("hello.txt", "hello")
                .document("sub/inside.txt", "inside")
                .onHost(Map.of())
                .start();
    }

    private static String status(String answer) {
        return answer.substring(0, Math.min(12, answer.length()));
    }

    @Test
    void staysInTheFolderHoweverTheWayOutIsWritten() throws Exception {
        try (TestServer server = server()) {
            for (String path : new String[] {
                "/../secret.txt",
                "/sub/../../secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e/secret.txt",
                "/%2e%2e%2fsecret.txt",
                "/%252e%252e%252fsecret.txt",
                "/sub/..;/..;/secret.txt",
                "/..%5csecret.txt",
                "/..\\secret.txt",
                "/sub%2finside.txt",
                "/sub%252finside.txt",
                "/hello.txt%00",
                "/hello.txt%00.html",
                "/hello.txt.",
                "/hello.txt..",
                "/hello.txt/",
                "/hello.txt%20",
                "/hello.txt%2f",
                "/%c0%ae%c0%ae/secret.txt",
                "/%ff",
                "/sub/%fe%ff",
                "/" + "x".repeat(300),
                "/" + "x/".repeat(3_000),
                "//secret.txt",
                "/.//../secret.txt",
                "/WEB-INF/../../secret.txt",
                "/%57EB-INF/web.xml"
            }) {
                String answer = server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                assertTrue(status(answer).startsWith("HTTP/1.1 4"), () -> path + ": " + answer);
                assertFalse(answer.contains(SECRET), path);
            }
            String dots = "GET /sub/./../hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            assertTrue(server.raw(dots).endsWith("hello"), "what stays inside is served");
        }
    }

    @Test
    void servesNoNameThatIsNotUtf8() throws Exception {
        try (TestServer server = server()) {
            Process made = new ProcessBuilder("sh", "-c", "printf bytes > \"$(printf 'latin-\\344.txt')\"")
                    .directory(server.documents.toFile())
                    .start();
            assertEquals(0, made.waitFor());
            String answer = server.raw("GET /latin-%e4.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertFalse(answer.contains("bytes"), answer);
            HttpResponse<String> listing = server.get("/");
            assertEquals(200, listing.statusCode());
            assertTrue(listing.body().contains("hello.txt"));
        }
    }

    @Test
    void opensNoFifoNoSocketAndNoDevice() throws Exception {
        try (TestServer server = server();
                ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(server.documents.resolve("socket")));
            for (List<String> make : List.of(List.of("mkfifo", "fifo"), List.of("mknod", "null", "c", "1", "3"))) {
                Process made = new ProcessBuilder(make)
                        .directory(server.documents.toFile())
                        .start();
                assertTrue(made.waitFor(20, TimeUnit.SECONDS));
                assertEquals(0, made.exitValue(), make.toString());
            }
            String listing = server.get("/").body();
            for (String name : new String[] {"socket", "fifo", "null"}) {
                assertEquals(404, server.get("/" + name).statusCode(), name);
                assertFalse(listing.contains(name), name);
            }
        }
    }

    @Test
    void servesAHardLinkAsTheFileThatItIs() throws Exception {
        try (TestServer server = server()) {
            Files.createLink(server.documents.resolve("hard.txt"), folder.resolve("secret.txt"));
            TestServer.forbid(folder.resolve("secret.txt"));
            assertEquals(403, server.get("/hard.txt").statusCode(), "it is labelled and closed as the other name is");
        }
    }

    @Test
    void followsNoFolderThatBecomesALinkMeanwhile() throws Exception {
        try (TestServer server = server()) {
            Path outside = Files.createDirectories(folder.resolve("outside"));
            Files.writeString(outside.resolve("inside.txt"), SECRET);
            Path sub = server.documents.resolve("sub");
            Path kept = server.documents.resolve("kept");
            AtomicBoolean over = new AtomicBoolean();
            Background swapper = Background.run(() -> {
                while (!over.get()) {
                    Files.move(sub, kept);
                    Files.createSymbolicLink(sub, outside);
                    Files.delete(sub);
                    Files.move(kept, sub);
                }
            });
            AtomicInteger asked = new AtomicInteger();
            AtomicInteger served = new AtomicInteger();
            try {
                Await.until("the folder is always there, or never", () -> {
                    for (int i = 0; i < 200; i++) {
                        HttpResponse<String> answer = server.get("/sub/inside.txt");
                        assertFalse(answer.body().contains(SECRET));
                        asked.incrementAndGet();
                        served.addAndGet(answer.statusCode() == 200 ? 1 : 0);
                    }
                    return served.get() > 0 && served.get() < asked.get();
                });
            } finally {
                over.set(true);
                swapper.join();
            }
            assertEquals("inside", server.get("/sub/inside.txt").body());
        }
    }

    @Test
    void hasTheConnectorSendNoFileThatAnApplicationNames() throws Exception {
        try (TestServer server = new TestServer(folder).document("hello.txt", "hello")) {
            Path secret = secret();
            ServletRequestListener listener = new ServletRequestListener() {
                @Override
                public void requestInitialized(ServletRequestEvent event) {
                    event.getServletRequest().setAttribute("org.apache.tomcat.sendfile.filename", secret.toString());
                    event.getServletRequest().setAttribute("org.apache.tomcat.sendfile.start", 0L);
                    event.getServletRequest().setAttribute("org.apache.tomcat.sendfile.end", (long)
                            SECRET.getBytes(StandardCharsets.UTF_8).length);
                }
            };
            server.context.setApplicationEventListeners(new Object[] {listener});
            server.onHost(Map.of()).start();
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }
}
