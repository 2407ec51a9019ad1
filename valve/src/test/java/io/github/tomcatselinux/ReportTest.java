// SPDX-License-Identifier: Apache-2.0
// enforcement="report" tells what would be refused, and changes nothing.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.events.WouldRefuse;
import io.github.tomcatselinux.kernel.Selinux;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.apache.catalina.Globals;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final FileTime THEN = FileTime.from(Instant.parse("2026-01-02T03:04:05Z"));

    @TempDir
    Path folder;

    private TestServer server(String name) throws Exception {
        TestServer tomcat = new TestServer(folder.resolve(name))
                .document("a.txt", "content of a")
                .document("sub/b.txt", "b")
                .document("large.bin", "x".repeat(200_000));
        for (Path file : List.of(Path.of("a.txt"), Path.of("sub/b.txt"), Path.of("large.bin"), Path.of("sub"))) {
            Files.setLastModifiedTime(tomcat.documents.resolve(file), THEN);
        }
        return tomcat;
    }

    private static TestServer reporting(TestServer tomcat, Map<String, String> more) {
        Map<String, String> attributes = new HashMap<>(Map.of("enforcement", "report", "mappingFile", "map"));
        attributes.putAll(more);
        return tomcat.onHost(attributes);
    }

    private static Object value(String attribute) throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .getAttribute(new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve"), attribute);
    }

    private static long requests(String outcome) throws Exception {
        CompositeData row = ((TabularData) value("dryRun")).get(new Object[] {outcome});
        return (Long) row.get("requests");
    }

    private static String answer(TestServer tomcat, String request) throws Exception {
        tomcat.asked();
        return tomcat.raw(request).replaceAll("(?m)^Date: .*\r\n", "");
    }

    @Test
    void servesEveryRequestExactlyAsWithoutTheValve() throws Exception {
        String end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        String login = TestServer.as("kaigai")[0] + ": " + TestServer.as("kaigai")[1] + "\r\n\r\n";
        String kept = "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\nGET /sub/b.txt" + end + "\r\n";
        List<String> requests = List.of(
                "GET /a.txt" + end + "\r\n",
                "GET /a.txt" + end + login,
                "HEAD /a.txt" + end + "\r\n",
                "GET /a.txt" + end + "Range: bytes=2-4\r\n\r\n",
                "GET /a.txt" + end + "If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT\r\n\r\n",
                "GET /large.bin" + end + "\r\n",
                "GET /absent" + end + "\r\n",
                "GET /sub" + end + "\r\n",
                "GET /sub/" + end + "\r\n",
                "OPTIONS /a.txt" + end + "\r\n",
                "DELETE /a.txt" + end + "\r\n",
                "GET /code" + end + "\r\n");
        try (TestServer plain = server("plain");
                TestServer dry = server("dry").mapping("map", "* @deny")) {
            for (TestServer tomcat : List.of(plain, dry)) {
                ServletsTest.servlet(tomcat.context, "/code", (request, response) -> {
                    response.setHeader(
                            "X-Attributes",
                            Collections.list(request.getAttributeNames()).toString());
                    response.getWriter().print(Thread.currentThread().getName().contains("exec"));
                });
            }
            plain.start();
            reporting(dry, Map.of()).start();
            assertEquals(StandardRoot.class, dry.context.getResources().getClass());
            for (String request : requests) {
                assertEquals(answer(plain, request), answer(dry, request), request);
            }
            // Both answers of a connection that is kept.
            for (TestServer tomcat : List.of(plain, dry)) {
                tomcat.asked();
            }
            assertEquals(answer(plain, kept), answer(dry, kept));
            String sendfile = Globals.SENDFILE_FILENAME_ATTR;
            assertEquals(
                    plain.attribute("/large.bin", sendfile).isPresent(),
                    dry.attribute("/large.bin", sendfile).isPresent());
            assertTrue(dry.attribute("/large.bin", sendfile).isPresent());
            assertEquals(Optional.empty(), dry.attribute("/a.txt", RequestScope.RULE_ATTRIBUTE));
            Await.until("they are not counted", () -> requests("would-refuse") == requests.size() + 2);
            assertTrue(dry.context.getResources().isCachingAllowed());
        }
    }

    @Test
    void tellsWhatWouldBeRefusedAndCountsTheRest() throws Exception {
        try (Events events = new Events();
                LogLines log = new LogLines();
                TestServer tomcat =
                        server("t").mapping("map", "guest @deny", "kaigai a_webapp_t:s0", "__anonymous__ @unchanged")) {
            reporting(tomcat, Map.of()).start();
            assertEquals(
                    1, log.with("enforcement IS report", "NOTHING IS CONFINED").size());
            assertEquals("report", value("enforcement"));
            assertEquals(false, value("enforcing"));
            assertEquals(200, tomcat.get("/a.txt", TestServer.as("guest")).statusCode());
            assertEquals(200, tomcat.get("/a.txt", TestServer.as("kaigai")).statusCode());
            assertEquals(200, tomcat.get("/a.txt").statusCode());
            Await.until(
                    "they are not judged",
                    () -> requests("would-refuse") == 1 && requests("unknown") == 1 && requests("unchanged") == 1);
            assertEquals(0, requests("would-allow"));
            assertEquals(0, requests("dropped"));
            assertEquals(
                    1,
                    log.with("dry run: request", "user [guest]", "would be refused: rule [map:1]")
                            .size());
            assertEquals(
                    1,
                    log.with("dry run: request", "user [kaigai]", "cannot be found out")
                            .size());
            assertEquals(1, events.all().size());
            Map<String, Object> event = events.last();
            assertEquals(WouldRefuse.NAME, event.get("event"));
            assertEquals("guest", event.get("user"));
            assertEquals("rule", event.get("refusedBy"));
            assertEquals("map:1", event.get("rule"));
            assertEquals("/a.txt", event.get("path"));
            assertEquals(200L, event.get("status"));

            tomcat.mapping("map", "guest @deny", "* @unchanged");
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve"),
                            "reload",
                            new Object[0],
                            new String[0]);
            assertEquals(
                    2, log.with("enforcement IS report", "NOTHING IS CONFINED").size(), "at each reload");
        }
    }

    @Test
    void startsWithoutALauncherAndSaysSo() throws Exception {
        try (LogLines log = new LogLines();
                TestServer tomcat = server("t").mapping("map", "kaigai a_webapp_t:s0")) {
            reporting(tomcat, Map.of("launcher", "/absent/launcher")).start();
            assertEquals(200, tomcat.get("/a.txt").statusCode());
            assertEquals(
                    1,
                    log.with("no application would start", "map:1", "/absent/launcher")
                            .size());
        }
    }

    @Test
    void saysThatHelpersTakeTheContexts() throws Exception {
        try (LogLines log = new LogLines();
                TestServer tomcat = server("t").mapping("map", "kaigai a_webapp_t:s0")) {
            reporting(tomcat, Map.of()).start();
            assertEquals(
                    1, log.with("a_webapp_t:s0", "map:1", "a helper took it").size());
        }
    }

    @Test
    void isSwitchedOnByTheExactWordAlone() throws Exception {
        for (String word : List.of("Report", "report ", "off", "", "${enforcement}")) {
            try (TestServer tomcat = server("t" + word.length())) {
                tomcat.onHost(Map.of("enforcement", word));
                assertThrows(LifecycleException.class, tomcat::start, word);
                assertFalse(tomcat.context.getState().isAvailable(), word);
            }
        }
        try (TestServer tomcat = server("on").mapping("map", "* @deny")) {
            tomcat.onHost(Map.of("enforcement", "on", "mappingFile", "map")).start();
            assertEquals(403, tomcat.get("/a.txt").statusCode());
            assertEquals("on", value("enforcement"));
            assertEquals(0, requests("would-refuse"));
        }
    }

    /** Once applications are confined, nobody lifts that by the attribute. */
    @Test
    void cannotBeSwitchedOnWhereRequestsAreConfinedAlready() throws Exception {
        try (TestServer tomcat = server("t").mapping("map", "* @deny")) {
            SelinuxValve valve = TestServer.valve(Map.of("mappingFile", "map"));
            tomcat.with(tomcat.tomcat.getHost(), valve).start();
            valve.setEnforcement("report");
            assertEquals(403, tomcat.get("/a.txt").statusCode());
            valve.stop();
            valve.start();
            assertEquals(403, tomcat.get("/a.txt").statusCode());
        }
    }

    /** An application that brings a valve of its own would switch the Host's off. */
    @Test
    void doesNotGetPastAValveThatConfines() throws Exception {
        try (TestServer tomcat = server("t").mapping("map", "* @deny")) {
            SelinuxValve own = TestServer.valve(Map.of("enforcement", "report"));
            tomcat.onHost(Map.of("mappingFile", "map")).with(tomcat.context, own);
            assertThrows(LifecycleException.class, tomcat::start);
            assertFalse(tomcat.context.getState().isAvailable());
        }
    }

    @Test
    void letsASelinuxFilterPass() throws Exception {
        try (TestServer tomcat = server("t").mapping("map", "* @deny")) {
            FilterDef filter = new FilterDef();
            filter.setFilterName("selinux");
            filter.setFilterClass(SelinuxFilter.class.getName());
            tomcat.context.addFilterDef(filter);
            FilterMap everything = new FilterMap();
            everything.setFilterName("selinux");
            everything.addURLPattern("/*");
            tomcat.context.addFilterMap(everything);
            reporting(tomcat, Map.of()).start();
            assertEquals(200, tomcat.get("/a.txt").statusCode());
        }
    }

    @Test
    void remindsOfItselfAndJudgesWhatIsLeftAtTheEnd() throws Exception {
        try (LogLines log = new LogLines()) {
            DryRun dryRun = DryRun.start(new Selinux(), Optional.empty(), Duration.ZERO);
            dryRun.background();
            assertEquals(1, log.with("enforcement IS report").size());
            dryRun.close();
        }
    }

    @Test
    void aConfigurationThatIsWrongKeepsApplicationsFromStartingHereToo() throws Exception {
        assertThrows(
                ConfigurationException.class,
                () -> Configuration.of(Map.of("defaultContext", "*:s0", "enforcement", "REPORT"), folder));
        assertEquals(
                Configuration.Enforce.REPORT,
                Configuration.of(Map.of("defaultContext", "*:s0", "enforcement", "report"), folder)
                        .enforce());
    }
}
