// SPDX-License-Identifier: Apache-2.0
// The command as a user or a script meets it.
package io.github.tomcatselinux.mapping.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandTest {
    @TempDir
    private Path folder;

    private Path file;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(
                folder.resolve("selinux.map"), "alice a_t:s0:c1\n@r *:s0:c2\nbob @deny\n* @unchanged\n");
    }

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(texts);
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out.toString());
    }

    @Test
    void checkIsContentWithAGoodFileAndSaysWhatItsStarsMean() {
        assertEquals(0, run("check", file));
        assertEquals(file + ": 4 rules, 2 contexts\n  *:s0:c2 means base_webapp_t at s0:c2\n", out.toString());
        assertEquals(0, run("check", "--base-domain", "x_t", file));
        assertTrue(out.toString().contains("means x_t at"));
    }

    @Test
    void checkReportsAllFindingsOfAllFiles() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.map"), "x\nalice a_t:s0:c1024\n");
        Path doubtful = Files.writeString(folder.resolve("doubtful.map"), "alice a_t\n");
        assertEquals(1, run("check", file, bad, doubtful));
        assertTrue(out.toString().contains(bad + ":2:14: error:"), out.toString());
        assertTrue(out.toString().contains(doubtful + ":1: warning:"), out.toString());
        assertEquals(1, run("check", "--json", file, bad, doubtful));
        JsonNode findings = json();
        assertEquals(3, findings.size());
        assertEquals("error", findings.get(1).get("severity").asText());
        assertEquals(bad.toString(), findings.get(1).get("file").asText());
        assertEquals(2, findings.get(1).get("line").asInt());
        assertEquals(14, findings.get(1).get("column").asInt());
        assertTrue(findings.get(1).get("message").asText().contains("c1023"));
        assertTrue(findings.get(1).has("hint"));
        assertEquals("warning", findings.get(2).get("severity").asText());
        assertEquals(1, run("check", doubtful));
        assertEquals(0, run("check", "--errors-only", doubtful));
        assertEquals(0, run("check", "--json", file));
        assertEquals("[ ]", out.toString().strip());
    }

    @Test
    void checkReportsAFileThatCannotBeRead() throws IOException {
        assertEquals(1, run("check", folder.resolve("none")));
        assertTrue(out.toString().contains("none: error: there is no such file"), out.toString());
        assertEquals(1, run("check", folder));
        assertTrue(out.toString().contains("this is a directory"), out.toString());
    }

    @Test
    void explainNamesTheDecidingRuleAndTheOthers() throws IOException {
        assertEquals(0, run("explain", file, "--user", "bob", "--role", "s"));
        assertTrue(out.toString().startsWith("@deny\n  because of " + file + ":3: bob @deny\n"), out.toString());
        assertTrue(out.toString().contains("\"bob\" does not have role \"r\""), out.toString());
        assertEquals(0, run("explain", "--json", file, "--user", "carol", "--role", "s", "--role", "r"));
        assertEquals("confine", json().get("decision").asText());
        assertEquals("*:s0:c2", json().get("context").asText());
        assertEquals(2, json().get("line").asInt());
        assertEquals(file.toString(), json().get("file").asText());
        assertEquals(
                "the user is \"carol\", not \"alice\"",
                json().get("earlier").get(0).get("reason").asText());
    }

    @Test
    void explainHasAWordForEachDecision() throws IOException {
        run("explain", "--json", file, "--user", "bob");
        assertEquals("deny", json().get("decision").asText());
        assertTrue(json().get("context").isNull());
        run("explain", "--json", file);
        assertEquals("unchanged", json().get("decision").asText());
        Path terms = Files.writeString(folder.resolve("terms"), "a @login\nb @principal\n");
        run("explain", "--json", terms, "--user", "a");
        assertEquals("confine", json().get("decision").asText());
        assertEquals("@login", json().get("context").asText());
        run("explain", "--json", terms, "--user", "b");
        assertEquals("@principal", json().get("context").asText());
        assertEquals(0, run("explain", "--json", terms));
        assertEquals("none", json().get("decision").asText());
        assertTrue(json().get("line").isNull());
        assertEquals(terms.toString(), json().get("file").asText());
        run("explain", terms);
        assertTrue(out.toString().startsWith("none\n"), out.toString());
    }

    @Test
    void explainTakesEverythingThatARuleCanAskFor() throws IOException {
        Path rules = Files.writeString(
                folder.resolve("m.json"),
                "{\"version\":1,\"rules\":[{\"user\":\"a\",\"network\":\"::1\",\"host\":\"h\",\"path\":\"/p\","
                        + "\"method\":\"PUT\",\"context\":\"a_t\"},{\"everybody\":true,\"context\":\"@deny\"}]}");
        assertEquals(
                0,
                run(
                        "explain",
                        rules,
                        "--user",
                        "a",
                        "--addr",
                        "[::1]",
                        "--host",
                        "H",
                        "--path",
                        "/p/q",
                        "--method",
                        "PUT"));
        assertTrue(out.toString().startsWith("a_t:*\n"), out.toString());
    }

    @Test
    void explainShowsTheLastOfManyRules() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            many.append("user").append(i).append(" a_t\n");
        }
        Path rules = Files.writeString(folder.resolve("many"), many);
        run("explain", rules);
        assertTrue(out.toString().contains("(150 more before these"), out.toString());
        run("explain", "--all", rules);
        assertTrue(out.toString().contains("user0 a_t"), out.toString());
    }

    @Test
    void explainRefusesABadFileAndBadOptions() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.map"), "x\n");
        assertEquals(1, run("explain", bad));
        assertTrue(err.toString().contains("bad.map:1:2: error:"), err.toString());
        assertEquals(1, run("explain", "--json", bad));
        assertEquals(1, json().get("findings").size());
        assertEquals(2, run("explain", file, "--addr", "localhost"));
        assertEquals(2, run("explain", file, "--role", "r"));
        assertEquals(2, run("explain", file, "--path", "admin"));
        assertEquals(2, run("explain"));
        assertEquals(2, run("explain", file, "--usr", "x"));
    }

    @Test
    void convertGoesThereAndBack() throws IOException {
        assertEquals(0, run("convert", file));
        Path there = Files.writeString(folder.resolve("there.json"), out.toString());
        assertEquals(0, run("check", there));
        assertEquals(0, run("convert", there));
        assertEquals("alice\ta_t:s0:c1\n@r\t*:s0:c2\nbob\t@deny\n*\t@unchanged\n", out.toString());
        assertEquals(0, run("convert", "--to", "classic", file));
        assertEquals("alice\ta_t:s0:c1\n@r\t*:s0:c2\nbob\t@deny\n*\t@unchanged\n", out.toString());
        assertEquals(0, run("convert", "--json", there));
        assertEquals("classic", json().get("format").asText());
        assertTrue(json().get("text").asText().startsWith("alice\t"));
    }

    @Test
    void convertWritesNothingIfItCannotWriteEverything() throws IOException {
        Path rules = Files.writeString(
                folder.resolve("m.json"),
                "{\"version\":1,\"rules\":[{\"everybody\":true,\"context\":\"a_t\"},\n{\"path\":\"/p\",\"context\":\"a_t\"}]}");
        assertEquals(1, run("convert", rules));
        assertEquals("", out.toString());
        assertTrue(
                err.toString().contains("m.json:2:1: error: the classic format cannot say this rule"), err.toString());
        assertEquals(1, run("convert", "--json", rules));
        assertTrue(json().get("text").isNull());
        assertEquals(1, json().get("findings").size());
        assertEquals(1, run("convert", folder.resolve("none")));
    }

    @Test
    void aWrongCommandLineIsStatusTwo() {
        assertEquals(2, run());
        assertEquals(2, run("frobnicate"));
        assertEquals(2, run("check"));
        assertEquals(2, run("check", "--live", "--policy", "x", file));
        assertEquals(2, run("check", "--policy", folder.resolve("none"), file));
        assertEquals(2, run("check", "--policy", file, "--server-context", "x", file));
        assertEquals(0, run("--help"));
        assertEquals(0, run("check", "--help"));
        assertEquals(0, run("--version"));
    }

    @Test
    void theManualPageKnowsEveryOption() {
        String page = ManPage.text();
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            command.getCommandSpec()
                    .options()
                    .forEach(option ->
                            assertTrue(page.contains(option.longestName().replace("-", "\\-")), option.longestName()));
        }
        assertFalse(page.contains("${"), page);
    }
}
