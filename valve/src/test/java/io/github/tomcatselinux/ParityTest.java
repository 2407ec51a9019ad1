// SPDX-License-Identifier: Apache-2.0
// What a helper tells about files is what Tomcat's own resource set tells.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
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

    private static Map<String, Object> facts(WebResourceRoot root, String path) throws IOException {
        WebResource resource = root.getResource(path);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("exists", resource.exists());
        facts.put("file", resource.isFile());
        facts.put("directory", resource.isDirectory());
        facts.put("virtual", resource.isVirtual());
        facts.put("path", resource.getWebappPath());
        if (resource.exists()) {
            facts.put("name", resource.getName());
            facts.put("readable", resource.canRead());
            facts.put("length", resource.getContentLength());
            facts.put("modified", resource.getLastModified());
            facts.put("modifiedHttp", resource.getLastModifiedHttp());
            facts.put("created", resource.getCreation());
            facts.put("tag", resource.getETag());
            facts.put("canonical", resource.getCanonicalPath());
            facts.put("type", resource.getMimeType());
            facts.put("content", Arrays.toString(resource.getContent()).hashCode());
            try (InputStream in = resource.getInputStream()) {
                facts.put(
                        "stream",
                        in == null ? null : Arrays.toString(in.readAllBytes()).hashCode());
            }
        }
        facts.put("list", new TreeSet<>(List.of(root.list(path))));
        facts.put("paths", new TreeSet<>(Objects.requireNonNullElse(root.listWebAppPaths(path), Set.of())));
        Set<String> resources = new TreeSet<>();
        for (WebResource child : root.listResources(path)) {
            resources.add(child.getWebappPath() + " " + child.getContentLength() + " " + child.getLastModified() + " "
                    + child.getCreation() + " " + child.getETag() + " " + child.isDirectory() + " " + child.getName());
        }
        facts.put("resources", resources);
        return facts;
    }

    @Test
    void tellsOfEveryPathWhatTomcatTells() throws Exception {
        try (TestServer server = server().onHost(Map.of())) {
            Map<String, Map<String, Object>> ours = new LinkedHashMap<>();
            List<Object> doors = new ArrayList<>();
            server.context.getPipeline().addValve(new ValveBase(true) {
                @Override
                public void invoke(Request request, Response response) throws IOException {
                    WebResourceRoot root = server.context.getResources();
                    for (String path : PATHS) {
                        ours.put(path, facts(root, path));
                        doors.add(root.getResource(path).getURL());
                        doors.add(root.getResource(path).getCodeBase());
                        doors.add(root.getResource(path).getManifest());
                    }
                    response.setStatus(204);
                }
            });
            server.start();
            assertEquals(204, server.get("/anything").statusCode());

            StandardRoot plain = new StandardRoot(server.context);
            plain.setCachingAllowed(false);
            plain.start();
            for (String path : PATHS) {
                Map<String, Object> tomcats = facts(plain, path);
                if (path.equals("/") || path.equals("/absent")) {
                    // Tomcat lists links that it then does not follow.
                    dropLinks(tomcats);
                }
                assertEquals(tomcats, ours.get(path), path);
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
