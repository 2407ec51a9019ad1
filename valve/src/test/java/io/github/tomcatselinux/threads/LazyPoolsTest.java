// SPDX-License-Identifier: Apache-2.0
// No pool of the JVM's is left for a confined thread to start, on any Java that is installed here.
package io.github.tomcatselinux.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Javas;
import io.github.tomcatselinux.guest.StartedThreads;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LazyPoolsTest {
    /** This Java, and the others that the system has, if they are not older. */
    static List<Path> javas() throws IOException {
        List<Path> javas = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        javas.addAll(Javas.from(18));
        return javas;
    }

    @ParameterizedTest
    @MethodSource("javas")
    void whatTheServerHasStartedNobodyElseStarts(Path java) throws Exception {
        assertNotEquals("", started(java), "without it this test would show nothing");
        assertEquals("", started(java, "pools"));
    }

    private static String started(Path java, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                java.resolve("bin/java").toString(),
                // On a machine with one processor there would be no common pool.
                "-XX:ActiveProcessorCount=4",
                "-cp",
                Stream.of(StartedThreads.class, LazyPools.class)
                        .map(part -> part.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .getPath())
                        .reduce((one, other) -> one + File.pathSeparator + other)
                        .orElseThrow(),
                StartedThreads.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
        assertEquals(0, process.exitValue(), said);
        return said;
    }
}
