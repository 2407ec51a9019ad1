// SPDX-License-Identifier: Apache-2.0
// Contexts against a policy that is compiled here and now.
package io.github.tomcatselinux.mapping.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.Mappings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCheckTest {
    private static final String POLICY = """
            class process
            class file
            sid kernel
            class process { dyntransition setcurrent }
            class file { read }
            sensitivity s0;
            dominance { s0 }
            category c0;
            category c1;
            category c2;
            level s0:c0.c2;
            mlsconstrain file { read } ( h1 dom h2 );
            attribute mcs_constrained_type;
            type kernel_t;
            type tomcat_t;
            type tomcat_launcher_t;
            type good_webapp_t, mcs_constrained_type;
            type good_webapp_thread_t, mcs_constrained_type;
            type loose_webapp_t;
            type loose_webapp_thread_t;
            type closed_webapp_t, mcs_constrained_type;
            type alien_webapp_t, mcs_constrained_type;
            typebounds tomcat_t good_webapp_thread_t;
            allow tomcat_launcher_t { good_webapp_t loose_webapp_t alien_webapp_t }:process dyntransition;
            role system_r;
            role system_r types { kernel_t tomcat_t tomcat_launcher_t good_webapp_t good_webapp_thread_t };
            role system_r types { loose_webapp_t loose_webapp_thread_t closed_webapp_t };
            user system_u roles system_r level s0 range s0 - s0:c0.c2;
            sid kernel system_u:system_r:kernel_t:s0
            """;

    @TempDir
    private Path folder;

    private static boolean has(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            process.waitFor();
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path compiled() throws IOException, InterruptedException {
        assumeTrue(has("checkpolicy") && has("seinfo"), "needs: apt-get install checkpolicy setools");
        Path source = Files.writeString(folder.resolve("policy.conf"), POLICY);
        Path binary = folder.resolve("policy");
        Process process = new ProcessBuilder("checkpolicy", "-M", "-o", binary.toString(), source.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return binary;
    }

    private List<String> check(String... lines)
            throws IOException, InterruptedException, MappingException, PolicyException {
        PolicyCheck check = new PolicyCheck(
                new PolicyFile(compiled()),
                ServerContext.parse("system_u:system_r:tomcat_t:s0-s0:c0.c2"),
                "tomcat_launcher_t",
                "good_webapp_t");
        String text = String.join("\n", lines) + "\n";
        return check.of(Mappings.parse("m", text.getBytes(StandardCharsets.UTF_8))).stream()
                .map(finding -> finding.line() + " " + finding.severity().word() + ": " + finding.message())
                .toList();
    }

    @Test
    void findsNothingWrongWithAGoodDomain() throws Exception {
        assertEquals(List.of(), check("a good_webapp_t:s0:c1", "b *:s0:c0.c2", "c *", "d *:s0:c0,c2", "* @deny"));
    }

    @Test
    void findsEachThingThatWouldFailOrProtectNothing() throws Exception {
        assertEquals(
                List.of(
                        "1 error: the policy has no domain no_webapp_t",
                        "2 warning: loose_webapp_thread_t is not bounded by tomcat_t, so that no thread can enter it",
                        "2 error: categories on loose_webapp_t isolate nothing: the type is not MCS-constrained",
                        "4 warning: the policy has no twin closed_webapp_thread_t for threads",
                        "4 error: tomcat_launcher_t may not enter system_u:system_r:closed_webapp_t:s0:c1",
                        "5 error: the policy does not know the context system_u:system_r:good_webapp_t:s0:c3",
                        "6 error: the policy does not know the context system_u:system_r:good_webapp_t:s1",
                        "7 warning: the policy has no twin alien_webapp_thread_t for threads",
                        "7 error: the policy does not know the context system_u:system_r:alien_webapp_t:s0",
                        "8 warning: a translated range cannot be checked"),
                check(
                        "a no_webapp_t:s0",
                        "b loose_webapp_t:s0:c1",
                        "c loose_webapp_t:s0",
                        "d closed_webapp_t:s0:c1",
                        "e good_webapp_t:s0:c3",
                        "f good_webapp_t:s1",
                        "g alien_webapp_t:s0",
                        "h good_webapp_t:SystemLow"));
    }

    @Test
    void saysThatAFileIsNoPolicy() throws IOException {
        assumeTrue(has("seinfo"), "needs: apt-get install setools");
        Path file = Files.writeString(folder.resolve("x"), "x");
        PolicyException e = assertThrows(PolicyException.class, () -> new PolicyFile(file).hasType("a_t"));
        assertTrue(e.getMessage().contains("seinfo failed"), e.getMessage());
    }

    @Test
    void saysThatSelinuxIsNotEnabled() {
        PolicyException e = assertThrows(PolicyException.class, () -> LivePolicy.open(folder));
        assertTrue(e.getMessage().contains("SELinux is not enabled"), e.getMessage());
    }
}
