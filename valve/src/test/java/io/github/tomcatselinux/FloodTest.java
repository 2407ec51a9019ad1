// SPDX-License-Identifier: Apache-2.0
// Who is refused too much is answered before the kernel is asked, and nobody else.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.events.RefusedBy;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloodTest {
    private static final String CONTEXT = "system_u:system_r:base_webapp_t:s0";

    @TempDir
    Path folder;

    private SelinuxValve valve;

    private TestServer server(Map<String, String> attributes) throws Exception {
        TestServer server = new TestServer(folder)
                .document("a.txt", "a")
                .document("denied.txt", "x")
                .forbid("denied.txt")
                .mapping("map", "kaigai a_webapp_t:s0");
        RemoteIpValve proxies = new RemoteIpValve();
        server.tomcat.getEngine().getPipeline().addValve(proxies);
        valve = TestServer.valve(attributes);
        valve.setMappingFile("map");
        return server.with(server.tomcat.getHost(), valve);
    }

    private static HttpResponse<String> from(TestServer server, String address, String path) throws Exception {
        return server.get(path, "X-Forwarded-For", address);
    }

    private static void flood(TestServer server, String address, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            assertEquals(403, from(server, address, "/denied.txt").statusCode());
        }
    }

    @Test
    void answersAFloodWithoutTheKernelAndServesAllOthers() throws Exception {
        try (Events events = new Events();
                LogLines log = new LogLines()) {
            try (TestServer server =
                    server(Map.of("maxRefusals", "5", "maxRefusalsLogged", "2", "refusalInterval", "3600"))) {
                server.document("page.html", "<p>sorry</p>");
                ErrorPage page = new ErrorPage();
                page.setLocation("/page.html");
                server.context.addErrorPage(page);
                server.start();
                flood(server, "192.0.2.1", 5);
                for (String path : new String[] {"/denied.txt", "/a.txt"}) {
                    HttpResponse<String> answer = from(server, "192.0.2.1", path);
                    assertEquals(429, answer.statusCode());
                    long seconds = Long.parseLong(
                            answer.headers().firstValue("Retry-After").orElseThrow());
                    assertTrue(seconds > 0 && seconds <= 3600, () -> "" + seconds);
                    assertEquals(
                            Optional.of("private, no-cache"), answer.headers().firstValue("Cache-Control"));
                    assertFalse(answer.body().contains("sorry"), "the page is a file");
                    assertEquals(Optional.empty(), server.attribute(path, RequestScope.HELPER_ATTRIBUTE));
                }
                Refusals refusals = valve.running().orElseThrow().refusals();
                assertEquals(2, refusals.count(RefusedBy.FLOOD));
                assertEquals(5, refusals.count(RefusedBy.PERMISSIONS));
                assertEquals(2, log.with("from [192.0.2.1]", "refused to open").size());
                assertEquals(2, events.all().size());

                assertEquals(200, from(server, "192.0.2.2", "/a.txt").statusCode(), "the same context");
                assertEquals(403, from(server, "192.0.2.2", "/denied.txt").statusCode());
                String[] kaigai = TestServer.as("kaigai");
                assertEquals(
                        200,
                        server.get("/a.txt", "X-Forwarded-For", "192.0.2.1", kaigai[0], kaigai[1])
                                .statusCode(),
                        "the same address");
                assertEquals(2, refusals.count(RefusedBy.FLOOD));
                assertEquals(0, log.with("5 refusals").size());
            }
            assertEquals(
                    1,
                    log.with(
                                    "client [192.0.2.1] in context [" + CONTEXT + "]: 5 refusals within 3600 seconds",
                                    "of which 3 were not logged; 2 more requests were answered 429")
                            .size());
            Map<String, Object> sum = events.last();
            EventsTest.assertDescribed(sum);
            assertEquals("flood", sum.get("event"));
            assertEquals("192.0.2.1", sum.get("address"));
            assertEquals(CONTEXT, sum.get("context"));
            assertEquals(5L, sum.get("refusals"));
            assertEquals(3L, sum.get("untold"));
            assertEquals(2L, sum.get("turnedAway"));
        }
    }

    @Test
    void servesAgainWhenTheIntervalIsOver() throws Exception {
        try (TestServer server = server(Map.of("maxRefusals", "1", "refusalInterval", "2"))) {
            server.start();
            flood(server, "192.0.2.1", 1);
            Await.until(
                    "never served again",
                    () -> from(server, "192.0.2.1", "/a.txt").statusCode() == 200);
        }
    }

    /** Without a valve that knows better a proxy's clients are one. */
    @Test
    void knowsClientsByTheAddressThatTomcatHas() throws Exception {
        try (TestServer server = server(Map.of("maxRefusals", "1", "refusalInterval", "3600"))) {
            server.start();
            assertEquals(403, from(server, "2001:db8:0:1::1", "/denied.txt").statusCode());
            assertEquals(429, from(server, "2001:db8:0:1::2", "/a.txt").statusCode());
            assertEquals(200, from(server, "2001:db8:0:2::2", "/a.txt").statusCode());
            assertEquals(403, server.get("/denied.txt").statusCode());
            assertEquals(429, server.get("/a.txt").statusCode());
        }
    }
}
