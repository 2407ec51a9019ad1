// SPDX-License-Identifier: Apache-2.0
// Checks that look at the system: at one that is laid out here.
package io.github.tomcatselinux.preflight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.Selinux;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {
    @TempDir
    Path folder;

    private Path settings;

    @BeforeEach
    void settings() throws Exception {
        settings = Files.writeString(folder.resolve("config"), "SELINUX=enforcing\nSELINUXTYPE=default\n");
    }

    private void kernel(int enforcing) throws Exception {
        ByteBuffer status =
                ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putInt(1).putInt(0);
        status.putInt(enforcing).putInt(1).putInt(0);
        Files.write(folder.resolve("status"), status.array());
        Files.writeString(folder.resolve("policyvers"), "33");
    }

    private List<String> system(boolean ignored) {
        return new SystemCheck(new Selinux(folder, folder), settings, ignored, Optional.empty())
                .findings().stream().map(Finding::toString).toList();
    }

    private static void assertFound(List<String> lines, String severity, String... parts) {
        assertTrue(
                lines.stream()
                        .anyMatch(line -> line.startsWith(severity + ": ")
                                && List.of(parts).stream().allMatch(line::contains)),
                lines::toString);
    }

    @Test
    void namesModeAndPolicy() throws Exception {
        kernel(1);
        assertFound(system(false), "ok", "[default]", "33");
        kernel(0);
        assertFound(system(false), "error", "permissive", "setenforce 1");
        assertFound(system(true), "warning", "permissive");
        Files.delete(folder.resolve("status"));
        assertFound(system(false), "error", "disabled");
        Files.writeString(folder.resolve("enforce"), "1");
        assertFound(system(false), "error", "cannot find out");
    }

    @Test
    void looksAtWhatComesAfterTheNextStart() throws Exception {
        kernel(1);
        Files.writeString(settings, "SELINUX=permissive\nSELINUXTYPE=other\n");
        assertFound(system(false), "warning", "[permissive]", "sed -i 's/^SELINUX=.*/SELINUX=enforcing/' " + settings);
        assertFound(system(false), "warning", "[other]", "default, targeted, mls");
    }

    @Test
    void namesTheCommandThatStartsTheLauncher() {
        List<Finding> findings = new LauncherCheck(folder.resolve("sock"), "a.socket").findings();
        assertEquals(Severity.ERROR, findings.get(0).severity());
        assertTrue(findings.get(0).text().endsWith("systemctl restart a.socket"), findings::toString);
    }

    @Test
    void findsTwoValvesOnOneWay() {
        List<PipelineCheck.Valve> valves = List.of(
                new PipelineCheck.Valve("org.apache.catalina.valves.AccessLogValve", "server.xml:3"),
                new PipelineCheck.Valve(PipelineCheck.OURS, "server.xml:4"),
                new PipelineCheck.Valve("org.apache.catalina.valves.AccessLogValve", "server.xml:5"),
                new PipelineCheck.Valve(PipelineCheck.OURS, "context.xml:2"));
        List<Finding> findings = new PipelineCheck(valves).findings();
        assertEquals(1, findings.size());
        assertTrue(findings.get(0).toString().startsWith("error: there are two"), findings::toString);
        assertTrue(findings.get(0).text().contains("server.xml:4 and context.xml:2"), findings::toString);
        assertEquals(
                Severity.OK,
                new PipelineCheck(valves.subList(0, 3)).findings().get(0).severity());
    }
}
