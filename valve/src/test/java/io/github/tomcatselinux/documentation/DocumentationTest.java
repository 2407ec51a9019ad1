// SPDX-License-Identifier: Apache-2.0
// What the documentation says is shown by a test is.
package io.github.tomcatselinux.documentation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentationTest {
    private static final List<Path> PAGES = List.of(
            Path.of("../docs/programs.md"), Path.of("../docs/compatibility.md"), Path.of("../docs/security-model.md"));

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
                List<String> found = NamedTests.in(row.substring(row.lastIndexOf('|')));
                assertTrue(!found.isEmpty(), "no test for " + line);
                names.addAll(found);
            }
        }
        return names;
    }

    @Test
    void namesTestsThatThereAre() throws Exception {
        NamedTests tests = new NamedTests();
        for (Path page : PAGES) {
            List<String> names = names(page);
            tests.assertThere(names, page);
            assertTrue(names.size() > 10, page.toString());
        }
    }
}
