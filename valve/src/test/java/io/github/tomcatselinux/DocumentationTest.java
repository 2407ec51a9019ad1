// SPDX-License-Identifier: Apache-2.0
// What the documentation says is shown by a test is.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentationTest {
    private static final List<Path> PAGES =
            List.of(Path.of("../docs/programs.md"), Path.of("../docs/compatibility.md"));
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    /** Test methods, test functions of the launcher, sentences of what is tested in the guest and by the policy's tests. */
    private static final List<Path> TESTS = List.of(
            Path.of("src/test"),
            Path.of("../launcher/src"),
            Path.of("../launcher/tests"),
            Path.of("../guest/tests"),
            Path.of("../selinux-policy/tests"),
            Path.of("../examples/spring/src/test"));

    /** What stands in the last column of each table whose head says "shown by". */
    private static List<String> names(Path page) throws IOException {
        List<String> names = new ArrayList<>();
        boolean shown = false;
        for (String line : Files.readAllLines(page)) {
            if (!line.startsWith("|")) {
                shown = false;
            } else if (line.endsWith("| shown by |")) {
                shown = true;
            } else if (shown && !line.startsWith("| ---")) {
                String row = line.substring(0, line.length() - 1);
                String last = row.substring(row.lastIndexOf('|'));
                List<String> found =
                        NAME.matcher(last).results().map(name -> name.group(1)).toList();
                assertTrue(!found.isEmpty(), "no test for " + line);
                names.addAll(found);
            }
        }
        return names;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String tests() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path folder : TESTS) {
            try (Stream<Path> files = Files.walk(folder)) {
                all.append(files.filter(Files::isRegularFile)
                        .filter(file -> !file.toString().matches(".*\\.(class|jar|xml|war)"))
                        .map(DocumentationTest::read)
                        .collect(Collectors.joining("\n")));
            }
        }
        return all.toString();
    }

    @Test
    void namesTestsThatThereAre() throws Exception {
        String tests = tests();
        for (Path page : PAGES) {
            List<String> names = names(page);
            List<String> missing = names.stream()
                    .filter(name -> !Pattern.compile(
                                    "void " + Pattern.quote(name) + "\\(|['\"]" + Pattern.quote(name) + "['\"]|^"
                                            + Pattern.quote(name) + " \\|",
                                    Pattern.MULTILINE)
                            .matcher(tests)
                            .find())
                    .toList();
            assertEquals(List.of(), missing, page.toString());
            assertTrue(names.size() > 10, page.toString());
        }
    }
}
