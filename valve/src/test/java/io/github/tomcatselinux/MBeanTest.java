// SPDX-License-Identifier: Apache-2.0
// What JMX shows of a valve at work, and what docs/monitoring.md says of it.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.events.Recent;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MBeanTest {
    @TempDir
    Path folder;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private ObjectName valve() throws Exception {
        return new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve");
    }

    private Object value(String attribute) throws Exception {
        return server.getAttribute(valve(), attribute);
    }

    private long number(String attribute) throws Exception {
        return ((Number) value(attribute)).longValue();
    }

    private long cell(String table, String key, String column) throws Exception {
        CompositeData row = ((TabularData) value(table)).get(new Object[] {key});
        return row == null ? 0 : (Long) row.get(column);
    }

    private String call(String operation, String... arguments) throws Exception {
        String[] types = new String[arguments.length];
        Arrays.fill(types, String.class.getName());
        return (String) server.invoke(valve(), operation, arguments, types);
    }

    private String explain(String... arguments) throws Exception {
        return call("explain", arguments);
    }

    private static void assertDescribed(MBeanFeatureInfo feature) {
        String description = feature.getDescription();
        assertTrue(
                description != null
                        && !description.isBlank()
                        && !description.equals(feature.getName())
                        && !description.startsWith("Introspected"),
                feature::toString);
    }

    @Test
    void describesAllThatItShowsAndLetsNobodySetIt() throws Exception {
        try (TestServer tomcat = new TestServer(folder).onHost(Map.of()).start()) {
            List<ObjectName> ours = server.queryNames(new ObjectName("Tomcat:type=Valve,*"), null).stream()
                    .filter(name -> List.of("SelinuxValve", "ConfinementValve", "ErrorPageValve")
                            .contains(name.getKeyProperty("name")))
                    .toList();
            assertEquals(3, ours.size(), ours::toString);
            for (ObjectName name : ours) {
                MBeanInfo info = server.getMBeanInfo(name);
                assertFalse(info.getDescription().startsWith("Introspected"), info::toString);
                for (MBeanAttributeInfo attribute : info.getAttributes()) {
                    assertDescribed(attribute);
                    assertFalse(attribute.isWritable(), attribute::toString);
                    server.getAttribute(name, attribute.getName());
                }
                for (MBeanOperationInfo operation : info.getOperations()) {
                    assertDescribed(operation);
                    Arrays.stream(operation.getSignature()).forEach(MBeanTest::assertDescribed);
                }
            }
            assertEquals(
                    documented(),
                    Stream.concat(
                                    // Tomcat gives each of its MBeans a modelerType.
                                    Arrays.stream(server.getMBeanInfo(valve()).getAttributes())
                                            .map(MBeanFeatureInfo::getName)
                                            .filter(name -> !name.equals("modelerType")),
                                    Arrays.stream(server.getMBeanInfo(valve()).getOperations())
                                            .map(operation -> operation.getName() + "("
                                                    + String.join(
                                                            ", ",
                                                            Arrays.stream(operation.getSignature())
                                                                    .map(MBeanFeatureInfo::getName)
                                                                    .toList())
                                                    + ")"))
                            .sorted()
                            .toList());
        }
    }

    /** The first column of both tables of the page. */
    private static List<String> documented() throws Exception {
        return Files.readAllLines(Path.of("../docs/monitoring.md")).stream()
                .takeWhile(line -> !line.startsWith("## Prometheus"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(line.indexOf('`') + 1, line.indexOf('`', 3)))
                .sorted()
                .toList();
    }

    @Test
    void countsWhatRequestsBringAbout() throws Exception {
        try (TestServer tomcat = new TestServer(folder).document("a.txt", "a").document("denied.txt", "x")) {
            tomcat.forbid("denied.txt").mapping("map", "guest @deny", "kaigai a_webapp_t:s0", "10.0.0.1 b_webapp_t:s0");
            ServletsTest.servlet(tomcat.context, "/code", (request, response) -> response.setStatus(204));
            long before = System.currentTimeMillis();
            tomcat.onHost(Map.of("mappingFile", "map", "maxHelpers", "7")).start();
            assertEquals(3, number("rules"));
            assertEquals(7, number("maxHelpers"));
            assertTrue(List.of((String[]) value("configuration")).contains("maxHelpers=[7]"));
            assertEquals(false, value("enforcing"), "there is no SELinux here");
            assertEquals(0, ((TabularData) value("ruleHits")).size());
            assertEquals(200, tomcat.get("/a.txt", TestServer.as("kaigai")).statusCode());
            assertEquals(403, tomcat.get("/denied.txt", TestServer.as("kaigai")).statusCode());
            assertEquals(403, tomcat.get("/a.txt", TestServer.as("guest")).statusCode());
            assertEquals(204, tomcat.get("/code").statusCode());
            assertEquals(2, cell("ruleHits", "map:2", "hits"));
            assertEquals(1, cell("ruleHits", "map:1", "hits"));
            assertEquals(1, cell("ruleHits", "defaultContext", "hits"));
            assertEquals(3, ((TabularData) value("ruleHits")).size());
            assertTrue(cell("ruleHits", "map:2", "lastHit") >= before);
            assertEquals(1, cell("refusals", "permissions", "count"));
            assertEquals(1, cell("refusals", "rule", "count"));
            assertEquals(0, cell("refusals", "overload", "count"));
            String[] recent = (String[]) value("recentRefusals");
            assertEquals(2, recent.length);
            assertEquals("/denied.txt", Events.parsed(recent[0]).get("target"));
            assertEquals("rule", Events.parsed(recent[1]).get("refusedBy"), "the newest is the last");
            assertEquals(1, number("threads"));
            assertEquals(1, cell("threadsByContext", "system_u:system_r:base_webapp_thread_t:s0", "threads"));
            Await.until("a helper is still in use", () -> number("helpers") == 0);
            assertEquals(0, number("requestsWaiting"));
            assertEquals(0, number("inheritedContexts"));
            assertEquals(0, number("threadRequestsWaiting"));
            assertEquals(2, cell("helperFates", "taken", "helpers"));
            assertEquals(0, cell("helperFates", "lost", "helpers"));
            for (String part : List.of("queue", "start", "use")) {
                assertEquals(2, cell("latencies", part, "count"), part);
                assertTrue(cell("latencies", part, "p50") <= cell("latencies", part, "p99"), part);
            }
            assertTrue(cell("latencies", "start", "total") > 0, "no process starts in no time");
        }
    }

    @Test
    void countsHelpersThatEndBeforeTheirRequest() throws Exception {
        try (TestServer tomcat = new TestServer(folder).document("large.bin", SlowClient.LARGE)) {
            tomcat.onHost(Map.of()).start();
            try (SlowClient slow = SlowClient.begun(tomcat.port(), "/large.bin")) {
                Launchers.childOf(ProcessHandle.current()).children().forEach(ProcessHandle::destroyForcibly);
                slow.assertBrokenOff();
            }
            Await.until("it is not lost", () -> cell("helperFates", "lost", "helpers") == 1);
            Await.until("the launcher does not say so", () -> cell("helperFates", "crashed", "helpers") > 0);
        }
    }

    @Test
    void keepsTheLastHundredRefusals() throws Exception {
        try (TestServer tomcat = new TestServer(folder).mapping("map", "* @deny")) {
            tomcat.onHost(Map.of("mappingFile", "map", "maxRefusalsLogged", "1000"))
                    .start();
            for (int i = 0; i <= Recent.MOST; i++) {
                assertEquals(403, tomcat.get("/" + i).statusCode());
            }
            String[] recent = (String[]) value("recentRefusals");
            assertEquals(Recent.MOST, recent.length);
            assertEquals("/1", Events.parsed(recent[0]).get("path"));
            assertEquals("/100", Events.parsed(recent[99]).get("path"));
        }
    }

    @Test
    void countsHelpersInUseAndKept() throws Exception {
        try (TestServer tomcat = new TestServer(folder).document("large.bin", SlowClient.LARGE)) {
            tomcat.document("a.txt", "a")
                    .onHost(Map.of("allowKeepAlive", "true"))
                    .start();
            assertEquals(200, tomcat.get("/a.txt").statusCode());
            Await.until("the helper is not kept", () -> number("helpersKept") == 1);
            try (SlowClient slow = SlowClient.begun(tomcat.port(), "/large.bin")) {
                assertEquals(2, number("helpers"));
                assertEquals(2, cell("helpersByContext", "system_u:system_r:base_webapp_t:s0", "helpers"));
                assertTrue(slow.head().contains(" 200"));
            }
        }
    }

    @Test
    void reloadsWhenToldToAndSaysWhatIsWrong() throws Exception {
        try (TestServer tomcat = new TestServer(folder).mapping("map", "guest @deny")) {
            tomcat.document("a.txt", "a").onHost(Map.of("mappingFile", "map")).start();
            assertEquals(403, tomcat.get("/a.txt", TestServer.as("guest")).statusCode());
            long loaded = number("mappingLoaded");
            assertTrue(call("reload").contains("is in force"));
            assertEquals(loaded, number("mappingLoaded"));
            assertEquals(0, number("mappingFailed"));

            tomcat.mapping("map", "guest b_webapp_t:s0", "nonsense");
            String refused = call("reload");
            assertTrue(refused.contains("map:2") && refused.contains("previous rules stay in force"), refused);
            assertEquals(refused, call("reload"));
            assertEquals(true, value("mappingRefused"));
            assertTrue(number("mappingFailed") >= loaded);
            assertTrue(((String) value("mappingFailure")).contains("map:2"));
            assertEquals(403, tomcat.get("/a.txt", TestServer.as("guest")).statusCode());

            tomcat.mapping("map", "guest b_webapp_t:s0", "kaigai @deny", "* @unchanged");
            assertTrue(call("reload").contains("is in force"));
            assertEquals(false, value("mappingRefused"));
            assertEquals(3, number("rules"));
            assertEquals(
                    List.of("map:1: guest b_webapp_t:s0", "map:2: kaigai @deny", "map:3: * @unchanged"),
                    List.of((String[]) value("ruleTexts")));
            assertEquals(0, ((TabularData) value("ruleHits")).size(), "other rules");
            assertEquals(200, tomcat.get("/a.txt", TestServer.as("guest")).statusCode());
            assertEquals(1, cell("ruleHits", "map:1", "hits"));
        }
    }

    @Test
    void explainsWhichRuleDecides() throws Exception {
        try (TestServer tomcat = new TestServer(folder)
                .mapping(
                        "map", "guest @deny", "@writer a_webapp_t:s0", "10.0.0.0/8 b_webapp_t:s0:c1", "* @unchanged")) {
            tomcat.onHost(Map.of("mappingFile", "map")).start();
            String role = explain("kaigai", "reader,writer", "10.1.2.3", "localhost", "/a", "GET");
            assertTrue(role.startsWith("context [system_u:system_r:a_webapp_t:s0], by rule [map:2]"), role);
            assertTrue(role.contains("[map:1] guest @deny"), role);
            assertFalse(role.contains("map:3"), role);
            String network = explain("", "", "10.1.2.3", "", "", "");
            assertTrue(network.startsWith("context [system_u:system_r:b_webapp_t:s0:c1], by rule [map:3]"), network);
            assertTrue(explain("guest", "", "", "", "", "").startsWith("refused, by rule [map:1]"));
            assertTrue(explain("", "", "", "", "", "")
                    .startsWith("unchanged, left to Tomcat as the server, by rule [map:4]"));
            Exception wrong = assertThrows(Exception.class, () -> explain("", "", "example.org", "", "", ""));
            assertTrue(wrong.getCause().getMessage().contains("[example.org]"), wrong.getCause()::toString);
            assertEquals(0, ((TabularData) value("ruleHits")).size(), "a question is no request");
        }
    }
}
