// SPDX-License-Identifier: Apache-2.0
// Which Javas this machine has.
package io.github.tomcatselinux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Those of Debian's folder, by the version in their own words. */
public final class Javas {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    private Javas() {}

    /** The homes of all that are of this release or newer. */
    public static List<Path> from(int release) throws IOException {
        if (!Files.isDirectory(INSTALLED)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(INSTALLED)) {
            return found.filter(home -> !Files.isSymbolicLink(home) && release(home) >= release)
                    .toList();
        }
    }

    private static int release(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> Runtime.Version.parse(line.substring(line.indexOf('"') + 1, line.length() - 1)))
                    .findFirst()
                    .map(Runtime.Version::feature)
                    .orElse(0);
        } catch (IOException none) {
            return 0;
        }
    }
}
