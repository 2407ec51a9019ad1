// SPDX-License-Identifier: Apache-2.0
// The tests that a page may name.
package io.github.tomcatselinux.documentation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Test methods, test functions of the launcher, sentences of what is tested in the guest and by the policy's tests. */
final class NamedTests {
    /** A name as pages write it. */
    static final Pattern NAME = Pattern.compile("`([^`]+)`");

    private static final List<Path> FOLDERS = List.of(
            Path.of("src/test"),
            Path.of("../launcher/src"),
            Path.of("../launcher/tests"),
            Path.of("../guest/tests"),
            Path.of("../mapping/src/test"),
            Path.of("../selinux-policy/tests"),
            Path.of("../examples/spring/src/test"),
            Path.of("../examples/status/src/test"));

    private final String text;

    NamedTests() throws IOException {
        StringBuilder all = new StringBuilder("\n");
        for (Path folder : FOLDERS) {
            try (Stream<Path> files = Files.walk(folder)) {
                all.append(files.filter(Files::isRegularFile)
                        .filter(file -> !file.toString().matches(".*\\.(class|jar|xml|war)"))
                        .map(NamedTests::read)
                        .collect(Collectors.joining("\n")));
            }
        }
        text = all.toString();
    }

    /** All names in a line, or a part of one. */
    static List<String> in(String line) {
        return NAME.matcher(line).results().map(name -> name.group(1)).toList();
    }

    void assertThere(List<String> names, Path page) {
        assertEquals(List.of(), names.stream().filter(name -> !isThere(name)).toList(), page.toString());
    }

    /** By plain searches: a pattern of all four would take seconds. */
    private boolean isThere(String name) {
        return Stream.of("void " + name + "(", "\"" + name + "\"", "'" + name + "'", "\n" + name + " |")
                .anyMatch(text::contains);
    }

    private static String read(Path file) {
        try {
            // Some are samples of what is no text at all.
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
