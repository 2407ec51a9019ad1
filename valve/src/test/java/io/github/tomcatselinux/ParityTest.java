// SPDX-License-Identifier: Apache-2.0
// What a helper tells about files is what Tomcat's own resource set tells.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityTest {
    private static final List<String> PATHS = List.of(
            "/",
            "/a.txt",
            "/empty.txt",
            "/large.bin",
            "/.hidden",
            "/sub",
            "/sub/",
            "/sub/b.html",
            "/sub/deep/c",
            "/sub/deep/",
            "/gr\u00fc\u00dfe",
            "/gr\u00fc\u00dfe/\u65e5\u672c.txt",
            "/with space.txt",
            "/percent%41.txt",
            "/empty",
            "/empty/",
            "/absent",
            "/absent/",
            "/a.txt/",
            "/a.txt/x",
            "/sub/b.html/",
            "/A.TXT",
            "/back\\slash.txt",
            "/trailing.",
            "/link.txt",
            "/linked/b.html",
            "/name;with=1");

    @TempDir
    Path folder;

    private TestServer server() throws Exception {
        TestServer server = new TestServer(folder);
        for (String path : PATHS) {
            if (path.matches(".*(\\.txt|\\.bin|\\.html|hidden|/c|g\\.|=1)")
                    && !path.contains("link")
                    && !path.equals("/A.TXT")) {
                server.document(path.substring(1), path.repeat(path.contains("large") ? 50_000 : 1));
            }
        }
        Files.write(server.documents.resolve("empty.txt"), new byte[0]);
        Files.createDirectories(server.documents.resolve("empty"));
        Files.createSymbolicLink(server.documents.resolve("link.txt"), Path.of("a.txt"));
        Files.createSymbolicLink(server.documents.resolve("linked"), Path.of("sub"));
        return server;
    }

    @Test
    void tellsOfEveryPathWhatTomcatTells() throws Exception {
        try (TestServer server = server().onHost(Map.of())) {
            List<Object> doors = new ArrayList<>();
            ResourceFacts ours = ResourceFacts.ofRequests(server, PATHS, resource -> {
                doors.add(resource.getURL());
                doors.add(resource.getCodeBase());
                doors.add(resource.getManifest());
            });
            server.start();
            assertEquals(204, server.get("/anything").statusCode());

            StandardRoot plain = new StandardRoot(server.context);
            plain.setCachingAllowed(false);
            plain.start();
            for (String path : PATHS) {
                Map<String, Object> tomcats = ResourceFacts.facts(plain, path);
                if (path.equals("/") || path.equals("/absent")) {
                    // Tomcat lists links that it then does not follow.
                    dropLinks(tomcats);
                }
                assertEquals(tomcats, ours.of(path), path);
            }
            plain.stop();
            doors.forEach(door -> assertNull(door, "the JVM could open it past the helper"));
        }
    }

    @SuppressWarnings("unchecked")
    private static void dropLinks(Map<String, Object> facts) {
        for (String key : List.of("list", "paths", "resources")) {
            ((Set<String>) facts.get(key)).removeIf(entry -> entry.contains("link"));
        }
    }
}
