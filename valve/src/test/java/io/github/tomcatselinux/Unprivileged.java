// SPDX-License-Identifier: Apache-2.0
// Servers of Debian's packages that tests start, as nobody and for themselves alone.
package io.github.tomcatselinux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What does not run as root, or must not. */
final class Unprivileged {
    private static final List<String> NOBODY =
            List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--");

    private Unprivileged() {}

    /** A folder of nobody's; whoever calls must see to it that nobody may get there. */
    static Path folder(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setOwner(
                folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return folder;
    }

    /** A loopback address that nobody else is likely to use at the same time, so that a server can come back to its port. */
    static String address() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "127.%d.%d.%d".formatted(random.nextInt(1, 255), random.nextInt(0, 256), random.nextInt(1, 255));
    }

    /** A program of a package that the set-up installs. */
    static Path program(String first, String... others) {
        return Stream.concat(Stream.of(first), Stream.of(others))
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(first + " is missing: run \"scripts/setup\" first"));
    }

    static Process start(Path said, Object... command) throws IOException {
        List<String> words = new ArrayList<>(NOBODY);
        for (Object word : command) {
            words.add(word.toString());
        }
        return new ProcessBuilder(words)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .start();
    }

    static void run(Path said, Object... command) throws Exception {
        Process process = start(said, command);
        if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(List.of(command) + ": " + Files.readString(said));
        }
    }

    /** Sends a signal that Java has no name for. */
    static void signal(Process process, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + ": exit status " + kill.exitValue());
        }
    }
}
