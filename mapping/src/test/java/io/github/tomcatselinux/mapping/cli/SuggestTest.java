// SPDX-License-Identifier: Apache-2.0
// What is drafted from the events of a dry run.
package io.github.tomcatselinux.mapping.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SuggestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BASE = "system_u:system_r:base_webapp_t:s0";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    }

    private Path log(List<String> lines) throws IOException {
        return Files.write(folder.resolve("events.json"), lines);
    }

    private static String event(String user, String rule, String context, String object) {
        return event(user, "docs.example", "192.168.2.7", rule, context, object, "file", "read", "var_t");
    }

    private static String event(
            String user,
            String host,
            String address,
            String rule,
            String context,
            String object,
            String objectClass,
            String permissions,
            String type) {
        ObjectNode event = JSON.createObjectNode();
        event.put("event", "would-refuse").put("request", "1-1");
        if (user != null) {
            event.put("user", user);
        }
        event.put("address", address).put("host", host).put("rule", rule).put("context", context);
        event.put("refusedBy", "selinux").put("status", 200).put("root", "/srv/site");
        event.put("object", object).put("label", "system_u:object_r:" + type + ":s0");
        event.put("class", objectClass).put("permissions", permissions);
        return event.toString();
    }

    /** The rules of the draft, which the command for checking has found nothing to say about. */
    private JsonNode rules(Object... arguments) throws IOException {
        assertEquals(0, run(arguments), err::toString);
        String text = out.toString();
        Path draft = Files.writeString(folder.resolve("draft.json"), text);
        assertEquals(0, run("check", draft), out::toString);
        return JSON.readTree(text).get("rules");
    }

    private String labels(Object... more) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of("suggest", "--labels"));
        arguments.addAll(List.of(more));
        run(arguments.toArray());
        Path script = Files.writeString(folder.resolve("labels.sh"), out.toString());
        Process shell = new ProcessBuilder("sh", "-n", script.toString()).start();
        assertTrue(shell.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, shell.exitValue(), out::toString);
        return out.toString();
    }

    @Test
    void givesEachPersonACategoryAndWhatOnlyTheyUsedToIt() throws Exception {
        Path log = log(List.of(
                event("bob", "defaultContext", BASE, "/srv/site/bob/deep/b.txt"),
                event("alice", "defaultContext", BASE, "/srv/site/alice/a.txt"),
                event("alice", "defaultContext", BASE, "/srv/site/alice/deep/b.txt"),
                event("alice", "defaultContext", BASE, "/srv/site/index.html"),
                event(null, "defaultContext", BASE, "/srv/site/index.html")));
        JsonNode rules = rules("suggest", "--events", log);
        assertEquals("alice", rules.get(0).get("user").asText());
        assertEquals("*:s0:c0", rules.get(0).get("context").asText());
        assertEquals("bob", rules.get(1).get("user").asText());
        assertEquals("*:s0:c1", rules.get(1).get("context").asText());
        assertFalse(rules.get(2).get("authenticated").asBoolean());
        assertEquals("*:s0", rules.get(2).get("context").asText());
        assertEquals("@deny", rules.get(3).get("context").asText());
        assertTrue(rules.get(0).get("comment").asText().contains("3 events"));
        assertEquals(
                "*:s0:c7",
                rules("suggest", "--events", log, "--first-category", 7)
                        .get(0)
                        .get("context")
                        .asText());

        String labels = labels("--events", log);
        assertTrue(labels.contains("semanage fcontext -a -t base_webapp_content_t -r s0:c0 '/srv/site/alice(/.*)?'\n"));
        assertTrue(
                labels.contains("semanage fcontext -a -t base_webapp_content_t -r s0:c1 '/srv/site/bob/deep(/.*)?'\n"));
        assertTrue(labels.contains("semanage fcontext -a -t base_webapp_content_t -r s0 '/srv/site/index\\.html'\n"));
        assertTrue(labels.contains("restorecon -RF '/srv/site'\n"));
    }

    @Test
    void keepsTheContextsOfAMappingByAsFewConditionsAsTellThemApart() throws Exception {
        String one = "system_u:system_r:base_webapp_t:s0:c1";
        String two = "system_u:system_r:staff_webapp_t:s0";
        Path log = log(List.of(
                event("kaigai", "conf/selinux.map:2", two, "/srv/site/staff/k.txt"),
                event("guest", "docs", "192.168.1.9", "m:5", one, "/srv/site/branch/p.txt", "file", "read", "var_t"),
                event("guest", "docs", "10.0.0.1", "m:6", two, "/srv/site/staff/k.txt", "file", "read", "var_t"),
                event("guest", "shop", "10.0.0.1", "m:6", two, "/srv/site/staff/k.txt", "file", "read", "var_t"),
                event("new", "onNoMatch", BASE, "/srv/site/new.txt")));
        JsonNode rules = rules("suggest", "--events", log);
        assertEquals(6, rules.size(), rules::toString);
        assertEquals("10.0.0.1", rules.get(0).get("network").asText());
        assertEquals("docs", rules.get(0).get("host").asText());
        assertEquals("staff_webapp_t:s0", rules.get(0).get("context").asText());
        assertEquals("base_webapp_t:s0:c1", rules.get(1).get("context").asText());
        assertEquals("shop", rules.get(2).get("host").asText());
        assertFalse(rules.get(2).has("network"));
        assertFalse(rules.get(3).has("host"), "kaigai had one context only");
        assertEquals("*:s0:c0", rules.get(4).get("context").asText());
    }

    @Test
    void givesAwayNoCategoryThatIsInUse() throws Exception {
        Path log = log(List.of(
                event("a", "m:1", "system_u:system_r:base_webapp_t:s0:c0", "/srv/site/a"),
                event("b", "defaultContext", BASE, "/srv/site/b")));
        assertEquals(
                "*:s0:c1",
                rules("suggest", "--events", log).get(1).get("context").asText());
        assertEquals(1, run("suggest", "--events", log, "--first-category", 1024));
        assertTrue(err.toString().contains("--by role"), err::toString);
    }

    @Test
    void givesRolesTheirsWhereAskedTo() throws Exception {
        ObjectNode first = (ObjectNode) JSON.readTree(event("a", "defaultContext", BASE, "/srv/site/a"));
        ObjectNode second = (ObjectNode) JSON.readTree(event("b", "defaultContext", BASE, "/srv/site/a"));
        Path log = log(List.of(
                first.put("roles", "writer,zebra").toString(),
                second.put("roles", "writer").toString(),
                event("c", "defaultContext", BASE, "/srv/site/c")));
        JsonNode rules = rules("suggest", "--by", "role", "--events", log);
        assertEquals(3, rules.size(), rules::toString);
        assertEquals("c", rules.get(0).get("user").asText());
        assertEquals("writer", rules.get(1).get("role").asText());
    }

    @Test
    void labelsWhatIsChangedAndWhatIsRun() throws Exception {
        Path log = log(List.of(
                event("a", "h", "::1", "defaultContext", BASE, "/srv/site/up", "dir", "write add_name", "var_t"),
                event("a", "h", "::1", "defaultContext", BASE, "/srv/site/up/x", "file", "create write", "var_t"),
                event("a", "h", "::1", "defaultContext", BASE, "/srv/site/cgi/x", "file", "execute", "var_t")));
        String labels = labels("--events", log);
        assertTrue(labels.contains("-t base_webapp_rw_t -r s0:c0 '/srv/site/up(/.*)?'"), labels);
        assertTrue(labels.contains("-t base_webapp_program_exec_t -r s0:c0 '/srv/site/cgi(/.*)?'"), labels);
    }

    /** What somebody labelled is meant so; what is above the application, or no file, no label mends. */
    @Test
    void leavesWhatIsMeantSo() throws Exception {
        Path log = log(List.of(
                event("a", "h", "::1", "m:1", BASE, "/srv/site/theirs", "file", "read", "staff_webapp_content_t"),
                event("a", "h", "::1", "m:1", BASE, "/srv", "dir", "search", "user_home_dir_t"),
                event("a", "h", "::1", "m:1", BASE, "thread", "process", "dyntransition", "base_webapp_thread_t")));
        assertEquals(1, run("suggest", "--labels", "--events", log));
        assertFalse(out.toString().contains("semanage"), out::toString);
        assertTrue(out.toString().contains("# /srv/site/theirs is labelled"), out::toString);
        assertTrue(out.toString().contains("# /srv is not in the application's folder"), out::toString);
        assertTrue(out.toString().contains("# thread the policy does not let it [dyntransition]"), out::toString);
    }

    @Test
    void decidesNothingThatSeveralDomainsUseWithoutThePolicy() throws Exception {
        Path log = log(List.of(
                event("a", "m:1", "system_u:system_r:staff_webapp_t:s0", "/srv/site/both"),
                event("b", "m:2", "system_u:system_r:unpriv_webapp_t:s0", "/srv/site/both")));
        assertEquals(1, run("suggest", "--labels", "--events", log));
        assertTrue(out.toString().contains("# no one label suits all of these"), out::toString);
        assertFalse(out.toString().contains("semanage"), out::toString);
    }

    /** Neither a rule nor a command comes of what somebody calls himself, or a file. */
    @Test
    void namesStayNames() throws Exception {
        String name = "x\", \"context\": \"@unchanged\"}\n* @unchanged\u202e'; reboot #";
        String path = "/srv/site/a b/it's $(reboot) `id` [x]*.txt";
        Path log = log(List.of(
                event(name, "defaultContext", BASE, path),
                event("other", "defaultContext", BASE, "/srv/site/a b/other"),
                event("", "defaultContext", BASE, "/srv/site/line\n; reboot"),
                event("nul\0", "defaultContext", BASE, "/srv/site/e")));
        assertEquals(1, run("suggest", "--events", log));
        assertTrue(err.toString().contains("left out"), err::toString);
        String text = out.toString();
        assertTrue(text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')), text);
        Path draft = Files.writeString(folder.resolve("draft.json"), text);
        assertEquals(0, run("check", draft), out::toString);
        JsonNode rules = JSON.readTree(text).get("rules");
        assertEquals(3, rules.size(), text);
        assertEquals(name, rules.get(1).get("user").asText());
        assertFalse(rules.findValuesAsText("context").contains("@unchanged"), text);

        // The shell itself says what the command would be given.
        String labels = labels("--events", log);
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String command : List.of("semanage", "restorecon", "reboot")) {
            Path fake = Files.writeString(bin.resolve(command), "#!/bin/sh\nprintf '[%s]' \"${0##*/}\" \"$@\"\n");
            assertTrue(fake.toFile().setExecutable(true));
        }
        ProcessBuilder shell =
                new ProcessBuilder("/bin/sh", folder.resolve("labels.sh").toString());
        shell.environment().put("PATH", bin.toString());
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertTrue(said.contains("[/srv/site/a\\sb/it's\\s\\$\\(reboot\\)\\s`id`\\s\\[x\\]\\*\\.txt]"), labels + said);
        assertFalse(said.contains("[reboot]"), said);
        assertTrue(labels.contains("control characters"), labels);
    }

    @Test
    void theOrderOfTheEventsDoesNotMatter() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            lines.add(event(
                    "u" + i % 7,
                    i % 3 == 0 ? "m:" + i % 2 : "defaultContext",
                    BASE + ":c" + i % 4,
                    "/srv/site/" + i % 11 + "/" + i % 5));
        }
        run("suggest", "--events", log(lines));
        String mapping = out.toString();
        run("suggest", "--labels", "--events", log(lines));
        String labels = out.toString();
        for (int seed = 0; seed < 10; seed++) {
            Collections.shuffle(lines, new Random(seed));
            run("suggest", "--events", log(lines));
            assertEquals(mapping, out.toString());
            run("suggest", "--labels", "--events", log(lines));
            assertEquals(labels, out.toString());
        }
    }

    @Test
    void passesOverOtherEventsAndWhatTheServerRefusedAnyway() throws Exception {
        ObjectNode refused = (ObjectNode) JSON.readTree(event("a", "defaultContext", BASE, "/srv/site/a"));
        Path log = log(List.of(
                "{\"event\":\"refusal\",\"user\":\"x\"}",
                refused.put("status", 404).toString(),
                refused.put("status", 200).put("refusedBy", "rule").toString()));
        assertEquals(1, rules("suggest", "--events", log).size());
    }

    @Test
    void saysWhichLineIsNoEvent() throws Exception {
        Path log = log(List.of("{\"event\":\"refusal\"}", "INFO something"));
        assertEquals(1, run("suggest", "--events", log));
        assertTrue(err.toString().contains(log + ":2: not an event"), err::toString);
        assertEquals(1, run("suggest", "--events", folder.resolve("absent")));
        assertEquals(2, run("suggest"));
        assertEquals(2, run("suggest", "--events", log, "--first-category", -1));
    }
}
