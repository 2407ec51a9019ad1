// SPDX-License-Identifier: Apache-2.0
// What is said of refusals that an enforcing kernel brought about, from its records and our events of them.
package io.github.tomcatselinux.mapping.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.mapping.why.Refuser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WhyTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Recorded in the guest. */
    private static Path recorded(String name) {
        try {
            return Path.of(WhyTest.class
                    .getResource("/io/github/tomcatselinux/mapping/why/" + name)
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    }

    private int why(String request) {
        return run("why", request, "--events", recorded("events.json"), "--audit", recorded("dmesg.txt"));
    }

    private void assertSays(String... parts) {
        for (String part : parts) {
            assertTrue(out.toString().contains(part), () -> part + " is not in\n" + out + err);
        }
    }

    @Test
    void saysThatACategoryIsMissing() {
        assertEquals(0, why("5s-1"));
        assertSays(
                "request 5s-1 at 2026-11-23T01:57:54.639Z: user - from 127.0.0.1, GET /theirs/theirs.txt of good.example",
                "refused by selinux, rule conf/good.map:1, context system_u:system_r:base_webapp_t:s0:c1",
                "search of the dir theirs, labelled unconfined_u:object_r:base_webapp_content_t:s0:c2",
                "it has [s0:c2], the context [s0:c1]",
                "chcon -R -l s0:c1");
        assertEquals(1, out.toString().split("by the kernel's record", -1).length - 1, "it was asked thrice");
    }

    @Test
    void saysThatNobodyHasLabelledIt() {
        assertEquals(0, why("5s-3"));
        assertSays(
                "nobody has labelled it as content: [var_t]",
                "semanage fcontext -a -t base_webapp_content_t '/srv/tomcat/test/other/o\\.txt(/.*)?' && restorecon -Rv");
    }

    @Test
    void saysWhoseItIs() {
        assertEquals(0, why("5s-4"));
        assertSays("labelled as content of [staff], and the context is one of [base]", "gives staff_webapp_t");
    }

    @Test
    void namesTheBooleanForPrograms() {
        assertEquals(0, why("5s-5"));
        assertSays("refused by unknown", "setsebool -P base_webapp_run_programs on");
        assertFalse(out.toString().contains("audit2allow -M"));
    }

    @Test
    void explainsWhatTheKernelWasNotAsked() {
        assertEquals(0, why("5s-6"));
        assertSays("refused by no-way", "servlet [jsp]");
        assertEquals(0, why("5s-8"));
        assertSays("SELinux is permissive", "setenforce 1");
    }

    @Test
    void saysWhenItKnowsNothing() {
        assertEquals(1, why("5s-99"));
        assertEquals("", out.toString());
        assertTrue(err.toString().contains("5s-99"));
    }

    /** Neither another process with the id, nor another context, nor another time is taken for it. */
    @Test
    void tellsRecordsOfOthersApart() throws IOException {
        String record = Files.readAllLines(recorded("dmesg.txt")).get(0);
        Path others = Files.write(
                folder.resolve("others"),
                List.of(
                        record.replace("pid=338", "pid=339"),
                        record.replace("base_webapp_t:s0:c1", "base_webapp_t:s0:c3"),
                        record.replace("audit(17953990", "audit(17953980"),
                        record.replace("denied", "granted"),
                        "type=SYSCALL msg=audit(1795399073.132:3): pid=338"));
        assertEquals(3, run("why", "5s-1", "--events", recorded("events.json"), "--audit", others));
        assertSays("the kernel has no record of it", "dontaudit", "ls -dZ");
        Path audit = Files.writeString(
                folder.resolve("audit.log"), record.replaceFirst(".*audit\\(", "type=AVC msg=audit(") + "\n");
        assertEquals(0, run("why", "5s-1", "--events", recorded("events.json"), "--audit", audit));
        assertSays("search of the dir theirs");
    }

    @Test
    void explainsWhatADryRunWouldRefuse() throws IOException {
        Path events = Files.writeString(
                folder.resolve("selinux-events.2026-11-23.json"),
                Files.readAllLines(recorded("events.json"))
                                .get(0)
                                .replace("\"refusal\"", "\"would-refuse\"")
                                .replace(
                                        "\"helper\"",
                                        "\"object\":\"/srv/tomcat/test/theirs\",\"label\":\"u:object_r:base_webapp_content_t:s0:c2\","
                                                + "\"class\":\"dir\",\"permissions\":\"search\",\"helper\"")
                        + "\n");
        Path nothing = Files.createFile(folder.resolve("audit.log"));
        assertEquals(0, run("why", "5s-1", "--events", folder, "--audit", nothing));
        assertSays("asked by the valve: search of the dir /srv/tomcat/test/theirs", "it has [s0:c2]");
        assertEquals(0, run("why", "5s-1", "--events", events, "--audit", recorded("dmesg.txt")));
        assertSays("by the kernel's record: search of the dir /srv/tomcat/test/theirs", "chcon -R -l s0:c1 '/srv");
    }

    /** From the demo: what a confined thread is refused only the kernel knows. */
    @Test
    void findsWhatAThreadWasRefusedByItsName() throws IOException {
        Path records = Files.writeString(
                folder.resolve("audit.log"),
                "audit: type=1400 audit(1795399073.132:3): avc:  denied  { create } for  pid=217 comm=\"61-1q\""
                        + " scontext=system_u:system_r:unpriv_webapp_thread_t:s0"
                        + " tcontext=system_u:system_r:unpriv_webapp_thread_t:s0 tclass=tcp_socket permissive=0\n");
        assertEquals(0, run("why", "61-1q", "--events", recorded("events.json"), "--audit", records));
        assertSays("on a confined thread", "setsebool -P unpriv_webapp_thread_connect_network on");
    }

    @Test
    void printsNothingThatAClientCouldMeanForATerminal() throws IOException {
        String escape = "\\u001b[31m\\n\\u202e";
        Path events = Files.writeString(
                folder.resolve("events.json"),
                Files.readAllLines(recorded("events.json")).get(0).replace("theirs.txt", escape) + "\n");
        Path records = Files.writeString(
                folder.resolve("audit.log"),
                Files.readAllLines(recorded("dmesg.txt")).get(0).replace("name=\"theirs\"", "name=1B5B33316D0A")
                        + "\n");
        assertEquals(0, run("why", "5s-1", "--events", events, "--audit", records));
        assertTrue(out.toString().chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')), out.toString());
        assertSays("\\u001b[31m\\u000a", "of the dir \\u001b[31m\\u000a,");
    }

    @Test
    void namesTheFileThatIsWrong() throws IOException {
        assertEquals(2, run("why", "5s-1", "--events", folder.resolve("none")));
        assertTrue(err.toString().contains("none"), err.toString());
        Path broken = Files.writeString(folder.resolve("broken"), "\n{\"request\":\"5s-1\",\"event\":\n");
        assertEquals(2, run("why", "5s-1", "--events", broken));
        assertTrue(err.toString().contains(broken + ":2:"), err.toString());
        assertEquals(2, run("why", "5s-1", "--events", recorded("events.json"), "--audit", folder.resolve("none")));
        assertEquals(2, run("why"));
    }

    @Test
    void knowsEachWordOfThePage() throws IOException {
        List<String> words = Files.readAllLines(Path.of("../docs/logging.md")).stream()
                .dropWhile(line -> !line.startsWith("| `refusedBy` | status"))
                .skip(2)
                .takeWhile(line -> line.startsWith("| `"))
                .map(line -> line.split("`", 3)[1])
                .toList();
        assertEquals(
                words,
                Arrays.stream(Refuser.values())
                        .map(refuser -> refuser.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList());
    }
}
