// SPDX-License-Identifier: Apache-2.0
// What was asked for ahead is the answer to that question, and to no other.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Await;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskingAheadTest {
    private static final Path BINARY =
            Path.of(System.getProperty("launcher.binary")).toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private final byte[] large = new byte[500_000];
    private ChildLauncher launcher;

    @BeforeEach
    void start() throws Exception {
        new Random(1).nextBytes(large);
        Files.write(folder.resolve("large"), large);
        Files.writeString(folder.resolve("one"), "first");
        Files.writeString(folder.resolve("two"), "second");
        Files.createFile(folder.resolve("empty"));
        Files.createDirectory(folder.resolve("folder"));
        launcher = ChildLauncher.start(BINARY, Optional.empty(), true, 10, ConfineRequest.Way.FILES, line -> {});
    }

    @AfterEach
    void stop() {
        launcher.close();
    }

    private HelperConnection helper(Optional<String> file) throws Exception {
        return helper(file, false);
    }

    private HelperConnection helper(Optional<String> file, boolean last) throws Exception {
        ConfineRequest request = new ConfineRequest(
                "u:r:t:s0",
                "id",
                ConfineRequest.Identity.OWN,
                ConfineRequest.Ceilings.DEFAULT,
                List.of(ConfineRequest.Root.readOnly(folder.toRealPath())),
                Duration.ofSeconds(60),
                Duration.ZERO,
                false,
                ConfineRequest.Way.FILES);
        return launcher.confined(request, file.map(AskingAheadTest::path), last);
    }

    private static byte[] path(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Opened file) {
        return StandardCharsets.UTF_8.decode(file.start().duplicate()).toString();
    }

    @Test
    void hasASmallFileWholeAndNothingOpen() throws Exception {
        try (HelperConnection helper = helper(Optional.of("one"))) {
            assertEquals(5, helper.stat(path("one")).size());
            Opened file = helper.open(path("one"));
            assertEquals("first", text(file));
            assertEquals(0, file.attributes().handle());
            assertTrue(helper.rest());
            assertTrue(helper.isQuiet());
        }
    }

    @Test
    void answersWhatElseIsAskedInBetween() throws Exception {
        try (HelperConnection helper = helper(Optional.of("one"))) {
            assertEquals(6, helper.stat(path("two")).size());
            assertEquals("second", text(helper.open(path("two"))));
            assertEquals(5, helper.list(path("")).entries().size());
            assertEquals("first", text(helper.open(path("one"))));
            assertEquals("first", text(helper.open(path("one"))));
        }
    }

    @Test
    void forgetsWhatAnEarlierRequestAskedFor() throws Exception {
        try (HelperConnection helper = helper(Optional.of("one"))) {
            assertEquals("first", text(helper.open(path("one"))));
            helper.openAhead(path("one"));
            assertEquals(5, helper.stat(path("one")).size());
            Files.writeString(folder.resolve("one"), "another");
            assertEquals("first", text(helper.open(path("one"))), "one request sees one state");
            helper.openAhead(path("one"));
            assertEquals(7, helper.stat(path("one")).size());
            assertTrue(helper.rest());
            Files.writeString(folder.resolve("one"), "a third");
            assertEquals("a third", text(helper.open(path("one"))));
        }
    }

    @Test
    void tellsOfWhatCannotBeOpened() throws Exception {
        try (HelperConnection helper = helper(Optional.of("absent"))) {
            assertTrue(helper.stat(path("absent")).outcome().isAbsent());
            helper.openAhead(path("folder"));
            assertEquals(Attributes.Kind.DIRECTORY, helper.stat(path("folder")).kind());
            helper.openAhead(path("empty"));
            assertEquals("", text(helper.open(path("empty"))));
            assertTrue(helper.rest());
        }
    }

    @Test
    void closesWhatWasOpenedForNothing() throws Exception {
        try (HelperConnection helper = helper(Optional.of("large"))) {
            // More often than a helper can have files open.
            for (int i = 0; i < 40; i++) {
                assertEquals(large.length, helper.stat(path("large")).size());
                assertTrue(helper.rest());
                helper.openAhead(path("large"));
            }
            for (int i = 0; i < 40; i++) {
                Opened file = helper.open(path("large"));
                assertEquals(0, file.attributes().errno());
                helper.close(file.attributes().handle());
            }
            assertTrue(helper.rest());
        }
    }

    @Test
    void doesNotRestWhileAnAnswerIsOnItsWayOrAFileOpen() throws Exception {
        try (HelperConnection helper = helper(Optional.of("one"))) {
            assertFalse(helper.rest());
        }
        try (HelperConnection helper = helper(Optional.empty())) {
            Opened file = helper.open(path("large"));
            assertFalse(helper.rest());
            helper.read(file.attributes().handle(), 0, ByteBuffer.allocate(10), large.length);
            helper.close(file.attributes().handle());
            assertFalse(helper.rest());
            assertEquals("first", text(helper.open(path("one"))));
            assertTrue(helper.rest());
        }
    }

    @Test
    void readsAFileFromStartToEnd() throws Exception {
        try (HelperConnection helper = helper(Optional.of("large"))) {
            Opened file = helper.open(path("large"));
            int start = file.start().remaining();
            assertArrayEquals(Arrays.copyOf(large, start), file.start().array());
            int handle = file.attributes().handle();
            assertRead(helper, handle, start, large.length - start);
            assertEquals(0, helper.read(handle, large.length, ByteBuffer.allocate(9), large.length));
            helper.close(handle);
            assertTrue(helper.rest());
            assertTrue(helper.isQuiet());
        }
    }

    @Test
    void readsFromWhereItIsAskedToWhateverIsOnItsWay() throws Exception {
        try (HelperConnection helper = helper(Optional.of("large"))) {
            int handle = helper.open(path("large")).attributes().handle();
            int other = helper.open(path("large")).attributes().handle();
            assertRead(helper, handle, 100_000, 70_000);
            assertRead(helper, handle, 7, 10);
            assertRead(helper, other, 17, 10);
            assertEquals("second", text(helper.open(path("two"))));
            assertRead(helper, handle, 17, 300_000);
            assertEquals(5, helper.stat(path("one")).size());
            assertRead(helper, other, large.length - 3, 3);
            assertEquals(0, helper.read(other, large.length + 5L, ByteBuffer.allocate(9), Long.MAX_VALUE));
            helper.close(handle);
            helper.close(other);
            assertTrue(helper.rest());
            assertTrue(helper.isQuiet());
        }
    }

    /** What is read behind the old end of a file that was cut, and has grown again, is not what followed. */
    @Test
    void endsWhereTheFileWasCut() throws Exception {
        try (HelperConnection helper = helper(Optional.of("large"))) {
            int handle = helper.open(path("large")).attributes().handle();
            try (FileChannel file = FileChannel.open(folder.resolve("large"), StandardOpenOption.WRITE)) {
                file.truncate(100);
            }
            assertRead(helper, handle, 40, 60);
            Files.write(folder.resolve("large"), large);
            assertEquals(0, helper.read(handle, 100, ByteBuffer.allocate(9), large.length));
        }
    }

    private void assertRead(HelperConnection helper, int handle, int offset, int length) throws HelperException {
        ByteBuffer content = ByteBuffer.allocate(length);
        while (content.hasRemaining()) {
            int before = content.position();
            int octets = helper.read(handle, (long) offset + before, content, large.length);
            assertTrue(octets > 0);
            assertEquals(before + octets, content.position());
        }
        assertArrayEquals(Arrays.copyOfRange(large, offset, offset + length), content.array());
    }

    @Test
    void isNotQuietWhenTheHelperHasGone() throws Exception {
        try (HelperConnection helper = helper(Optional.empty())) {
            assertTrue(helper.isQuiet());
            ProcessHandle process = ProcessHandle.of(helper.confinement().pid()).orElseThrow();
            process.destroyForcibly();
            Await.until("the helper is still there", () -> !helper.isQuiet());
            assertThrows(HelperException.class, () -> helper.stat(path("one")));
        }
    }

    @Test
    void letsTheHelperLeaveThatHasAnsweredAll() throws Exception {
        try (HelperConnection helper = helper(Optional.of("one"), true)) {
            long first = helper.confinement().pid();
            assertEquals("first", text(helper.open(path("one"))));
            for (int i = 0; ProcessHandle.of(first).isPresent(); i++) {
                assertTrue(i < 2_000, "the helper is still there");
                Thread.sleep(10);
            }
            assertFalse(helper.rest());
        }
    }

    @Test
    void asksAnotherHelperWhatElseIsAsked() throws Exception {
        for (boolean looked : new boolean[] {true, false}) {
            try (HelperConnection helper = helper(Optional.of("one"), true)) {
                long first = helper.confinement().pid();
                if (looked) {
                    assertEquals(5, helper.stat(path("one")).size());
                }
                assertEquals(6, helper.stat(path("two")).size());
                assertNotEquals(first, helper.confinement().pid());
                assertEquals("first", text(helper.open(path("one"))), "what the first one answered");
                long second = helper.confinement().pid();
                assertEquals("second", text(helper.open(path("two"))));
                assertEquals(5, helper.list(path("")).entries().size());
                assertEquals(second, helper.confinement().pid());
            }
        }
    }

    @Test
    void keepsTheHelperThatHasNotAnsweredAll() throws Exception {
        for (String name : List.of("large", "folder", "nowhere")) {
            try (HelperConnection helper = helper(Optional.of(name), true)) {
                long first = helper.confinement().pid();
                Opened file = helper.open(path(name));
                assertEquals(name.equals("large"), file.attributes().errno() == 0);
                assertEquals("second", text(helper.open(path("two"))));
                if (file.attributes().handle() != 0) {
                    ByteBuffer octets = ByteBuffer.allocate(large.length);
                    helper.read(file.attributes().handle(), 0, octets, large.length);
                    assertTrue(octets.position() > 0);
                    assertArrayEquals(
                            Arrays.copyOf(large, octets.position()), Arrays.copyOf(octets.array(), octets.position()));
                }
                assertEquals(first, helper.confinement().pid());
            }
        }
    }
}
