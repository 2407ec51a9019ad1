// SPDX-License-Identifier: Apache-2.0
// Each refusal is an event, and each event is what docs/logging.md says.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
    private static final Path PAGE = Path.of("../docs/logging.md");

    @TempDir
    Path folder;

    /** The rows of the table with this head, cell by cell. */
    private static List<List<String>> table(String head) throws Exception {
        List<String> lines = Files.readAllLines(PAGE);
        int at = lines.indexOf(head);
        assertTrue(at >= 0, head);
        return lines.stream()
                .skip(at + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .map(cell -> cell.strip().replace("`", ""))
                        .toList())
                .toList();
    }

    private static List<List<String>> fields() throws Exception {
        return table("| field | type | there | what |");
    }

    private static List<List<String>> fieldsOfFloods() throws Exception {
        return table("| field of a flood | type | there | what |");
    }

    /** Fails unless it has the fields of the page, in its order, of its types, and all that are always there. */
    static void assertDescribed(Map<String, Object> event) throws Exception {
        List<String> expected = new ArrayList<>();
        boolean flood = "flood".equals(event.get("event"));
        for (List<String> field : flood ? fieldsOfFloods() : fields()) {
            Object value = event.get(field.get(0));
            if (value == null) {
                assertFalse(field.get(2).equals("always"), () -> field + " is missing in " + event);
                continue;
            }
            assertEquals(field.get(1).equals("number"), value instanceof Number, () -> field + " in " + event);
            assertEquals(field.get(1).equals("string"), value instanceof String, () -> field + " in " + event);
            expected.add(field.get(0));
        }
        assertEquals(expected, new ArrayList<>(event.keySet()), event::toString);
        assertTrue(flood || "refusal".equals(event.get("event")), event::toString);
        Instant.parse((String) event.get("time"));
    }

    /** The event that a request has just brought about, and what has gone wrong if it is another. */
    private Map<String, Object> refused(Events events, RefusedBy by, String path) throws Exception {
        Map<String, Object> event = events.last();
        assertDescribed(event);
        assertEquals(by.toString(), event.get("refusedBy"), event::toString);
        assertEquals(path, event.get("path"), event::toString);
        seen.addAll(event.keySet());
        kinds.add(by);
        return event;
    }

    private final Set<String> seen = new TreeSet<>();
    private final Set<RefusedBy> kinds = EnumSet.noneOf(RefusedBy.class);

    private Path at(String name) throws Exception {
        return Files.createDirectories(folder.resolve(name));
    }

    @Test
    void tellsOfEachKindOfRefusal() throws Exception {
        try (Events events = new Events()) {
            byFilesAndRules(events);
            byPrograms(events);
            byFilter(events);
            byWelcomeFile(events);
            byFailures(events);
        }
        // Where there is no SELinux neither it nor its absence can refuse anything: that is for the guest. Floods have
        // events
        // of their own.
        assertEquals(
                EnumSet.complementOf(EnumSet.of(RefusedBy.SELINUX, RefusedBy.NOT_ENFORCING, RefusedBy.FLOOD)), kinds);
        seen.addAll(byThePolicy().keySet());
        assertEquals(fields().stream().map(field -> field.get(0)).sorted().toList(), new ArrayList<>(seen));
    }

    /** What the guest's tests see the policy refuse. */
    private static Map<String, Object> byThePolicy() throws Exception {
        Refusal refusal = new Refusal(
                Instant.now(),
                new Refusal.Asked(
                        "a-1", Optional.of("a\u202e\n\""), "::1", "GET", Optional.of("/\u001b[31m"), "h", "ROOT"),
                new Refusal.Decided(Optional.of("m:1"), Optional.of("u:r:t:s0"), Optional.of("file"), Optional.of(7L)),
                RefusedBy.SELINUX,
                Optional.of(new Refusal.Denied("/d/\u001b", 13, Optional.empty())),
                Optional.empty());
        String json = refusal.because(
                        Optional.of(new Refusal.Obstacle("/srv/d\n", "u:object_r:c_t:s0", "dir", "search open")))
                .toJson();
        assertTrue(json.chars().allMatch(octet -> octet >= ' ' && octet <= '~'), json);
        Map<String, Object> event = Events.parsed(json);
        assertDescribed(event);
        assertEquals("/srv/d\n", event.get("object"));
        assertEquals("search open", event.get("permissions"));
        assertEquals("ausearch -m avc -p 7 -su u:r:t:s0", event.get("ausearch"));
        assertFalse(Events.parsed(refusal.toJson()).containsKey("object"));
        return event;
    }

    private void byFilesAndRules(Events events) throws Exception {
        try (TestServer server = new TestServer(at("files")).document("old.txt", "old")) {
            server.document("denied.txt", "x").forbid("denied.txt");
            server.mapping("map", "guest @deny", "kaigai a_webapp_t:s0");
            ((Wrapper) server.context.findChild("default")).addInitParameter("readonly", "false");
            Path others = server.documents.resolve("old.txt");
            Files.setAttribute(others, "unix:uid", 12345);
            Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rw-rw-rw-"));
            Tomcat.addServlet(server.context, "code", new jakarta.servlet.http.HttpServlet() {});
            server.context.addServletMappingDecoded("/code", "code");
            server.onHost(
                    Map.of("mappingFile", "map", "onNoMatch", "deny", "servlets", "deny", "defaultContext", "*:s0"));
            server.start();
            assertEquals(403, server.get("/denied.txt", TestServer.as("kaigai")).statusCode());
            Map<String, Object> denied = refused(events, RefusedBy.PERMISSIONS, "/denied.txt");
            Map<String, Object> expected = new LinkedHashMap<>(denied);
            expected.putAll(Map.of(
                    "user", "kaigai",
                    "address", "127.0.0.1",
                    "method", "GET",
                    "host", "localhost",
                    "application", "ROOT",
                    "rule", "map:2",
                    "way", "file",
                    "target", "/denied.txt"));
            expected.put(
                    "request",
                    server.attribute("/denied.txt", RequestScope.ID_ATTRIBUTE).orElseThrow());
            assertEquals(expected, denied);
            assertEquals(server.helperOf("/denied.txt"), ((Number) denied.get("helper")).longValue());
            assertEquals(13, ((Number) denied.get("errno")).intValue());
            assertFalse(denied.containsKey("ausearch"), "the kernel has no record of that");

            assertEquals(403, server.get("/x", TestServer.as("guest")).statusCode());
            Map<String, Object> rule = refused(events, RefusedBy.RULE, "/x");
            assertEquals("map:1", rule.get("rule"));
            assertFalse(rule.containsKey("way") || rule.containsKey("helper"), rule::toString);

            assertEquals(403, server.get("/code").statusCode());
            assertTrue(refused(events, RefusedBy.NO_WAY, "/code")
                    .get("detail")
                    .toString()
                    .contains("[code]"));

            assertEquals(409, server.send("PUT", "/old.txt").statusCode());
            refused(events, RefusedBy.CONFLICT, "/old.txt");
            assertEquals(4, events.all().size(), "one each");
        }
        try (TestServer server = new TestServer(at("supplied")).mapping("map", "* @principal")) {
            server.onHost(Map.of("mappingFile", "map", "allowedContexts", "a_webapp_t:s0"))
                    .start();
            assertEquals(403, server.get("/x", TestServer.as("kaigai")).statusCode());
            Map<String, Object> none = refused(events, RefusedBy.NO_CONTEXT, "/x");
            assertEquals("map:1", none.get("rule"));
            assertTrue(none.containsKey("detail"), none::toString);
        }
        try (TestServer server = new TestServer(at("rules")).mapping("map", "kaigai a_webapp_t:s0")) {
            SelinuxValve valve = new SelinuxValve();
            valve.setMappingFile("map");
            valve.setOnNoMatch("deny");
            valve.setOnNotEnforcing("ignore");
            valve.setLauncher(TestServer.LAUNCHER.toString());
            server.with(server.tomcat.getHost(), valve).start();
            assertEquals(403, server.get("/x").statusCode());
            assertFalse(refused(events, RefusedBy.NO_RULE, "/x").containsKey("user"));
        }
    }

    private void byPrograms(Events events) throws Exception {
        try (Programs programs = new Programs(at("programs"), Map.of()).script("run", "exit 0")) {
            Files.setPosixFilePermissions(programs.file("run"), PosixFilePermissions.fromString("rw-------"));
            programs.start(Map.of());
            assertEquals(403, programs.server.get("/app/cgi/run").statusCode());
            Map<String, Object> event = refused(events, RefusedBy.UNKNOWN, "/app/cgi/run");
            assertEquals("program", event.get("way"));
            assertEquals("ausearch -m avc -su " + event.get("context"), event.get("ausearch"));
        }
    }

    private void byFilter(Events events) throws Exception {
        try (TestServer server = new TestServer(at("filter")).document("x", "x")) {
            FilterDef filter = new FilterDef();
            filter.setFilterName("selinux");
            filter.setFilterClass(SelinuxFilter.class.getName());
            filter.addInitParameter("requireUser", "true");
            server.context.addFilterDef(filter);
            FilterMap all = new FilterMap();
            all.setFilterName("selinux");
            all.addURLPattern("/*");
            server.context.addFilterMap(all);
            server.onHost(Map.of()).start();
            assertEquals(403, server.get("/x").statusCode());
            Map<String, Object> event = refused(events, RefusedBy.FILTER, "/x");
            assertEquals("servlet", event.get("way"));
        }
    }

    private void byWelcomeFile(Events events) throws Exception {
        try (TestServer server = new TestServer(at("welcome"))
                .document("welcome/index.html", "secret")
                .document("welcome/default.txt", "next")
                .forbid("welcome/index.html")) {
            SecurityCollection pages = new SecurityCollection();
            pages.addPatternDecoded("*.txt");
            SecurityConstraint constraint = new SecurityConstraint();
            constraint.addAuthRole("writer");
            constraint.addCollection(pages);
            server.context.addConstraint(constraint);
            server.context.addWelcomeFile("default.txt");
            server.onHost(Map.of("deniedStatus", "404")).start();
            assertEquals(404, server.get("/welcome/").statusCode());
            refused(events, RefusedBy.WELCOME_FILE, "/welcome/");
        }
    }

    private void byFailures(Events events) throws Exception {
        try (TestServer server = new TestServer(at("overload")).document("large.bin", SlowClient.LARGE)) {
            server.onHost(Map.of("maxHelpers", "1", "maxQueue", "0")).start();
            try (SlowClient slow = SlowClient.begun(server.port(), "/large.bin")) {
                assertEquals(503, server.get("/x").statusCode());
                refused(events, RefusedBy.OVERLOAD, "/x");
                assertTrue(slow.head().contains(" 200"));
            }
        }
        Path socket = folder.resolve("socket");
        try (Launchers.Service service = new Launchers.Service(socket, "--child");
                TestServer server = new TestServer(at("gone"))
                        .onHost(Map.of("launcher", "unix:" + socket))
                        .start()) {
            Path elsewhere = folder.resolve("elsewhere");
            Files.move(server.documents, elsewhere);
            assertEquals(500, server.get("/x").statusCode());
            refused(events, RefusedBy.FAILED, "/x");
            Files.move(elsewhere, server.documents);
            service.kill();
            assertEquals(503, server.get("/x").statusCode());
            refused(events, RefusedBy.UNAVAILABLE, "/x");
        }
    }

    @Test
    void explainsEachWordOfThePage() throws Exception {
        assertEquals(
                Arrays.stream(RefusedBy.values()).map(RefusedBy::toString).toList(),
                table("| `refusedBy` | status | who refused |").stream()
                        .map(row -> row.get(0))
                        .toList());
    }

    @Test
    void tellsNothingUnlessAsked() throws Exception {
        try (LogLines quiet = new LogLines(io.github.tomcatselinux.events.EventLog.NAME);
                TestServer server = new TestServer(folder).mapping("map", "* @deny")) {
            server.onHost(Map.of("mappingFile", "map")).start();
            assertEquals(403, server.get("/x").statusCode());
            assertEquals(List.of(), quiet.with());
        }
    }
}
