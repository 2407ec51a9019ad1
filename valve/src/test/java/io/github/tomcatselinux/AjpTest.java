// SPDX-License-Identifier: Apache-2.0
// A proxy that sends everybody's requests over one connection of AJP.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AjpTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    private static Connector ajp(TestServer server) {
        Connector connector = new Connector("AJP/1.3");
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        ((AbstractAjpProtocol<?>) connector.getProtocolHandler()).setSecretRequired(false);
        server.tomcat.getService().addConnector(connector);
        return connector;
    }

    private HttpResponse<String> get(TestServer server, Apache proxy, String path, String... headers)
            throws IOException, InterruptedException {
        server.asked();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static long connections(Connector connector) {
        return ((AbstractAjpProtocol<?>) connector.getProtocolHandler()).getConnectionCount();
    }

    @Test
    void givesEachRequestOfASharedConnectionAHelperOfItsOwn() throws Exception {
        for (String kept : List.of("false", "true")) {
            try (TestServer server = new TestServer(Files.createDirectories(folder.resolve(kept)))) {
                server.document("a.txt", "a")
                        .mapping("map", "guest @deny", "kaigai a_webapp_t:s0:c1", "__anonymous__ a_webapp_t:s0")
                        .onHost(Map.of("mappingFile", "map", "allowKeepAlive", kept));
                Connector connector = ajp(server);
                server.start();
                try (Apache proxy = Apache.proxy(folder.resolve("apache" + kept), connector.getLocalPort())) {
                    assertEquals("a", get(server, proxy, "/a.txt").body());
                    long connections = connections(connector);
                    Set<Long> helpers = new HashSet<>();
                    for (int i = 0; i < 4; i++) {
                        String[] who = i % 2 == 0 ? new String[0] : TestServer.as("kaigai");
                        HttpResponse<String> answer = get(server, proxy, "/a.txt", who);
                        assertEquals("a", answer.body());
                        assertEquals(
                                "private, no-cache",
                                answer.headers().firstValue("Cache-Control").orElseThrow());
                        helpers.add(server.helperOf("/a.txt"));
                        assertTrue(server.attribute("/a.txt", RequestScope.RULE_ATTRIBUTE)
                                .orElseThrow()
                                .toString()
                                .endsWith(i % 2 == 0 ? "map:3" : "map:2"));
                    }
                    assertEquals(4, helpers.size(), "allowKeepAlive=" + kept);
                    assertEquals(
                            403,
                            get(server, proxy, "/a.txt", TestServer.as("guest")).statusCode());
                    assertEquals("a", get(server, proxy, "/a.txt").body());
                    assertEquals(
                            connections,
                            connections(connector),
                            "the proxy keeps its connection, whatever allowKeepAlive says");
                }
            }
        }
    }
}
