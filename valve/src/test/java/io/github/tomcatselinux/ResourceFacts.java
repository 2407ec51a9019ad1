// SPDX-License-Identifier: Apache-2.0
// All that a resource root tells about a path.
package io.github.tomcatselinux;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Gathered from an application while it serves a request, or from a root of Tomcat's own beside it. */
final class ResourceFacts {
    private final Map<String, Map<String, Object>> facts = new ConcurrentHashMap<>();

    private ResourceFacts() {}

    /** Each request to the server's application gathers the facts, is answered with 204 and goes no further. */
    static ResourceFacts ofRequests(TestServer server, List<String> paths, Consumer<WebResource> visitor) {
        ResourceFacts gathered = new ResourceFacts();
        server.context.getPipeline().addValve(new ValveBase(true) {
            @Override
            public void invoke(Request request, Response response) throws IOException {
                WebResourceRoot root = server.context.getResources();
                for (String path : paths) {
                    gathered.facts.put(path, facts(root, path));
                    visitor.accept(root.getResource(path));
                }
                response.setStatus(204);
            }
        });
        return gathered;
    }

    Map<String, Object> of(String path) {
        return facts.get(path);
    }

    static Map<String, Object> facts(WebResourceRoot root, String path) throws IOException {
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
}
