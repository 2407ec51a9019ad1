// SPDX-License-Identifier: Apache-2.0
// Files that change, vanish or were never readable.
package io.github.tomcatselinux.mapping;

import static io.github.tomcatselinux.mapping.Maps.anonymous;
import static io.github.tomcatselinux.mapping.Maps.show;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingFileTest {
    @TempDir
    private Path folder;

    private Path file;
    private MappingFile mapping;

    @BeforeEach
    void load() throws IOException, MappingException {
        file = folder.resolve("selinux.map");
        Files.writeString(file, "* a_t:s0\n");
        mapping = new MappingFile(file, "conf/selinux.map");
        assertEquals(Optional.empty(), mapping.poll());
    }

    /** Two looks: one sees the change, the next one finds it settled. */
    private Optional<Reload> settle() {
        assertEquals(Optional.empty(), mapping.poll());
        return mapping.poll();
    }

    private String inForce() {
        return show(mapping.current().decide(anonymous()));
    }

    @Test
    void anAtomicReplacementIsTaken() throws IOException {
        RuleSet before = mapping.current();
        Maps.replace(file, "* b_t:s0\n");
        assertInstanceOf(Reload.Accepted.class, settle().orElseThrow());
        assertEquals("1 b_t:s0", inForce());
        assertEquals("1 a_t:s0", show(before.decide(anonymous())));
        assertEquals(Optional.empty(), mapping.poll());
    }

    @Test
    void aHalfWrittenFileIsNotTakenWhileItGrows() throws IOException {
        Files.writeString(file, "__anonymous__ b_t:s0\n");
        assertEquals(Optional.empty(), mapping.poll());
        Files.writeString(file, "__anonymous__ b_t:s0\n__anonymous__ c");
        assertEquals(Optional.empty(), mapping.poll());
        assertEquals("1 a_t:s0", inForce());
        Files.writeString(file, "__anonymous__ b_t:s0\n__anonymous__ c_t:s0\n");
        assertInstanceOf(Reload.Accepted.class, settle().orElseThrow());
    }

    @Test
    void aClockThatGoesBackwardsDoesNotHideAChange() throws IOException {
        Files.writeString(file, "* b_t:s0\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertInstanceOf(Reload.Accepted.class, settle().orElseThrow());
        assertEquals("1 b_t:s0", inForce());
    }

    @Test
    void aTouchedFileIsNoNews() throws IOException {
        RuleSet before = mapping.current();
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(99)));
        assertEquals(Optional.empty(), settle());
        assertSame(before, mapping.current());
    }

    @Test
    void rulesThatTheSystemCannotServeAreRejectedWithItsWords() throws IOException {
        Maps.replace(file, "* b_t:s0\n");
        mapping.poll();
        Reload news = mapping.poll(rules -> Optional.of("nobody can")).orElseThrow();
        Reload.Rejected rejected = assertInstanceOf(Reload.Rejected.class, news);
        assertTrue(rejected.reason().getMessage().contains("nobody can"));
        assertEquals("1 a_t:s0", inForce());
    }

    @Test
    void aBadFileIsRejectedOnceAndTheRulesInForceStay() throws IOException {
        Files.writeString(file, "* b_t:s0\nx\n");
        Reload.Rejected rejected = assertInstanceOf(Reload.Rejected.class, settle().orElseThrow());
        assertTrue(rejected.reason().getMessage().startsWith("conf/selinux.map:2:"));
        assertEquals("1 a_t:s0", inForce());
        assertEquals(Optional.empty(), mapping.poll());
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertEquals(Optional.empty(), settle());
        Files.writeString(file, "* a_t:s0\n");
        assertInstanceOf(Reload.Restored.class, settle().orElseThrow());
    }

    @Test
    void aDeletedFileIsReportedOnceAndMayComeBack() throws IOException {
        Files.delete(file);
        assertInstanceOf(Reload.Rejected.class, settle().orElseThrow());
        assertEquals(Optional.empty(), mapping.poll());
        assertEquals("1 a_t:s0", inForce());
        Files.writeString(file, "* b_t:s0\n");
        assertInstanceOf(Reload.Accepted.class, settle().orElseThrow());
    }

    @Test
    void aSwitchedSymbolicLinkIsAChange() throws IOException, MappingException {
        Path first = Files.createDirectory(folder.resolve("..1"));
        Path second = Files.createDirectory(folder.resolve("..2"));
        Files.writeString(first.resolve("m"), "* a_t:s0\n");
        Files.writeString(second.resolve("m"), "* b_t:s0\n");
        Path data = Files.createSymbolicLink(folder.resolve("..data"), first);
        Path link = Files.createSymbolicLink(folder.resolve("m"), Path.of("..data", "m"));
        mapping = new MappingFile(link, "m");
        mapping.poll();
        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), second);
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        assertInstanceOf(Reload.Accepted.class, settle().orElseThrow());
        assertEquals("1 b_t:s0", inForce());
    }

    @Test
    void aDirectoryAFifoAndADeviceAreRefusedWithoutBeingOpened() throws IOException, InterruptedException {
        Path fifo = folder.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        for (Path path : new Path[] {folder, fifo, Path.of("/dev/zero")}) {
            assertTimeoutPreemptively(
                    Duration.ofMinutes(1), () -> assertThrows(MappingException.class, () -> Mappings.read(path)));
        }
    }

    @Test
    void aMissingFileSaysSo() {
        MappingException e = assertThrows(MappingException.class, () -> Mappings.read(folder.resolve("none")));
        assertTrue(e.getMessage().endsWith("none: error: there is no such file"), e.getMessage());
    }
}
