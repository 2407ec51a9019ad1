// SPDX-License-Identifier: Apache-2.0
// Files that are too large, not readable, or not what they seem, and the examples of the guide.
package io.github.tomcatselinux.mapping;

import static io.github.tomcatselinux.mapping.Maps.show;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
    @TempDir
    private Path folder;

    @Test
    void aLineOfAHundredMegabytesIsRefusedQuickly() throws IOException {
        byte[] piece = new byte[1 << 20];
        Arrays.fill(piece, (byte) 'a');
        for (int megabytes : new int[] {60, 100}) {
            Path file = folder.resolve(megabytes + ".map");
            try (OutputStream out = Files.newOutputStream(file)) {
                for (int i = 0; i < megabytes; i++) {
                    out.write(piece);
                }
            }
            MappingException e = assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> assertThrows(MappingException.class, () -> Mappings.read(file)));
            assertTrue(e.getMessage().length() < 500, () -> e.getMessage().substring(0, 500));
            Files.delete(file);
        }
    }

    @Test
    void manyJoinedLinesAreRefused() {
        MappingException e = assertThrows(MappingException.class, () -> Maps.classic("a\\\n".repeat(100_000)));
        assertTrue(e.getMessage().contains("lines are joined"), e.getMessage());
    }

    @Test
    void aFileOfSomebodyElseIsRefusedAndTheRulesInForceStay() throws IOException, MappingException {
        Path file = Files.writeString(folder.resolve("m"), "* a_t\n");
        MappingFile mapping = new MappingFile(file, "m");
        mapping.poll();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeTrue(!Files.isReadable(file), "needs: to be run by a user other than root");
        assertTrue(mapping.poll().isEmpty());
        Reload.Rejected rejected =
                assertInstanceOf(Reload.Rejected.class, mapping.poll().orElseThrow());
        assertTrue(rejected.reason().getMessage().contains("may not be read"));
        assertEquals("1 a_t:*", show(mapping.current().decide(Maps.anonymous())));
    }

    @Test
    void duplicateAndOverlappingNetworksAreDecidedByTheirOrder() throws MappingException {
        RuleSet rules = Maps.classic(
                "10.0.0.0/8 a_t", "10.0.0.0/8 b_t", "10.1.0.0/16 c_t", "0.0.0.0/0 d_t", "::/0 e_t", "10.2.0.0/16 f_t");
        assertEquals("1 a_t:*", show(rules.decide(Maps.client("10.1.2.3"))));
        assertEquals("4 d_t:*", show(rules.decide(Maps.client("11.1.2.3"))));
        assertEquals("5 e_t:*", show(rules.decide(Maps.client("ffff::"))));
    }

    @Test
    void whoKeepsARuleSetSeesItWholeWhileTheFileChanges() throws Exception {
        Path file = folder.resolve("m");
        Files.writeString(file, "__anonymous__ a0_t\n* a0_t\n");
        MappingFile mapping = new MappingFile(file, "m");
        AtomicBoolean stop = new AtomicBoolean();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        FutureTask<Void> reader = new FutureTask<>(() -> {
            while (!stop.get()) {
                RuleSet rules = mapping.current();
                String first = ((Decision.Confine) rules.decide(Maps.anonymous()))
                        .context()
                        .toString();
                String second = ((Decision.Confine) rules.decide(Maps.user("x")))
                        .context()
                        .toString();
                assertEquals(first, second);
                seen.add(first);
            }
            return null;
        });
        new Thread(reader).start();
        try {
            for (int i = 1; i <= 200 || (seen.size() < 10 && !reader.isDone()); i++) {
                Maps.replace(file, "__anonymous__ a" + i + "_t\n* a" + i + "_t\n");
                assertEquals(Optional.empty(), mapping.poll());
                assertInstanceOf(Reload.Accepted.class, mapping.poll().orElseThrow());
            }
        } finally {
            stop.set(true);
        }
        reader.get(1, TimeUnit.MINUTES);
    }

    @Test
    void aPrincipalThatOnlyAnswersIsAskedOncePerRoleAboveTheBestOtherRule() throws MappingException {
        RuleSet rules = Maps.classic("@a a_t", "@b b_t", "!@c c_t", "@a d_t", "alice e_t", "@z f_t");
        List<String> asked = new ArrayList<>();
        Identity identity = Identity.builder()
                .user("alice")
                .roles(role -> {
                    asked.add(role);
                    return role.equals("c");
                })
                .build();
        assertEquals("5 e_t:*", show(rules.decide(identity)));
        assertEquals(List.of("a", "b", "c"), asked);
    }

    @Test
    void theExamplesOfTheGuideAreRules() throws IOException, MappingException {
        Path guide = Path.of("..", "docs", "mapping.md");
        assumeTrue(Files.exists(guide), "needs: a checkout with docs/mapping.md beside this module");
        String text = Files.readString(guide);
        String classic = text.substring(text.indexOf("```\n# identifier") + 4, text.indexOf("```\n\nFiles written"));
        assertEquals(
                List.of(),
                Mappings.parse("guide.map", classic.getBytes(StandardCharsets.UTF_8))
                        .warnings());
        int start = text.indexOf("```json\n") + 8;
        String json = text.substring(start, text.indexOf("```", start));
        assertEquals(
                List.of(),
                Mappings.parse("guide.json", json.getBytes(StandardCharsets.UTF_8))
                        .warnings());
    }
}
