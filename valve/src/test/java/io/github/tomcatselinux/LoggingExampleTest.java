// SPDX-License-Identifier: Apache-2.0
// The lines that docs/logging.md offers, in a Tomcat as one installs it.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggingExampleTest {
    private static final Path EXAMPLES = Path.of("../examples/monitoring");
    private static final Pattern PLAIN = Pattern.compile("[ -~]*");

    /** A new line that looks like an event (names have no colon), a quotation mark, a colour, a C1 control, a turn of direction, a new line of Unicode's. */
    private static final String HOSTILE = "eve\n{\"event\"=\"refusal\"}\r\u001b[31m\u009b\u202e\u2028\\\u007f";

    @TempDir
    Path base;

    private static String[] as(String user) {
        byte[] credentials = (user + ":secret").getBytes(StandardCharsets.UTF_8);
        return new String[] {"Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials)};
    }

    private static String xml(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars().forEach(c -> escaped.append("&#").append(c).append(';'));
        return escaped.toString();
    }

    /** Starts it with the example's lines, makes requests, and stops it. */
    private TomcatProcess ran() throws Exception {
        Files.createDirectories(base.resolve("conf"));
        Files.createDirectories(base.resolve("webapps/ROOT"));
        // XML 1.1 knows control characters, if they are written as numbers.
        Files.writeString(
                base.resolve("conf/tomcat-users.xml"),
                "<?xml version=\"1.1\" encoding=\"UTF-8\"?><tomcat-users><user username=\"" + xml(HOSTILE)
                        + "\" password=\"secret\" roles=\"\"/></tomcat-users>");
        Files.writeString(base.resolve("conf/selinux.map"), "__anonymous__ a_webapp_t:s0\n* @deny\n");
        Files.writeString(base.resolve("webapps/ROOT/open.txt"), "open");
        TestServer.forbid(Files.writeString(base.resolve("webapps/ROOT/denied.txt"), "denied"));
        TomcatProcess tomcat = new TomcatProcess(
                base,
                Files.readString(EXAMPLES.resolve("access-log.xml"))
                        + TomcatProcess.valve("mappingFile=\"conf/selinux.map\""),
                Files.readString(EXAMPLES.resolve("logging.properties")));
        try (tomcat) {
            assertEquals(200, tomcat.get("/open.txt").statusCode());
            assertEquals(403, tomcat.get("/denied.txt").statusCode());
            assertEquals(
                    403,
                    tomcat.get("/x%0a%1b%5b31m%22%e2%80%ae%7f", as(HOSTILE)).statusCode());
            tomcat.stop();
        }
        return tomcat;
    }

    @Test
    void writesEventsAndAccessLogAsTheExamplesSay() throws Exception {
        TomcatProcess tomcat = ran();
        List<String> events = tomcat.log("selinux-events.", ".json");
        assertEquals(2, events.size(), events::toString);
        assertTrue(events.stream().allMatch(line -> PLAIN.matcher(line).matches()), events::toString);

        Map<String, Object> denied = Events.parsed(events.get(0));
        assertEquals("permissions", denied.get("refusedBy"));
        assertEquals("/denied.txt", denied.get("target"));
        assertEquals("conf/selinux.map:1", denied.get("rule"));

        Map<String, Object> hostile = Events.parsed(events.get(1));
        assertEquals("rule", hostile.get("refusedBy"));
        assertEquals(HOSTILE, hostile.get("user"));
        assertEquals("/x\n\u001b[31m\"\u202e\u007f", hostile.get("path"));

        List<String> lines = new ArrayList<>(tomcat.log("catalina.", ".log"));
        assertFalse(lines.stream().anyMatch(line -> line.contains("\"event\"") && line.startsWith("{")));
        lines.removeIf(line -> !line.contains("refused"));
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.stream().allMatch(line -> PLAIN.matcher(line).matches()), lines::toString);

        List<String> access = tomcat.log("access.", ".log");
        assertEquals(3, access.size(), access::toString);
        String id = "[0-9a-z]+-[0-9a-z]+";
        assertMatches(" \"GET /open.txt HTTP/1.1\" 200 4 " + id + " conf/selinux.map:1 - file \\d+ -$", access.get(0));
        assertMatches(
                " \"GET /denied.txt HTTP/1.1\" 403 \\d+ " + denied.get("request") + " conf/selinux.map:1 - file "
                        + denied.get("helper") + " permissions$",
                access.get(1));
        assertMatches(" 403 \\d+ " + hostile.get("request") + " conf/selinux.map:2 - - - -$", access.get(2));
    }

    private static void assertMatches(String pattern, String line) {
        assertTrue(Pattern.compile(pattern).matcher(line).find(), line);
    }

    @Test
    void isWhatThePageShows() throws Exception {
        String page = Files.readString(Path.of("../docs/logging.md"));
        String lines = Files.readString(EXAMPLES.resolve("logging.properties"));
        assertTrue(page.contains("\n```\n" + lines.substring(lines.indexOf("\nhandlers") + 1) + "```\n"));
    }
}
