// SPDX-License-Identifier: Apache-2.0
// Collects what is wrong with one file.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The findings of one file; past the first thousand errors only counts, so that rubbish cannot fill the heap. */
final class Findings {
    private static final int MOST = 1000;

    private final String file;
    private final List<MappingFinding> list = new ArrayList<>();
    private int errors;
    private int warnings;

    Findings(String file) {
        this.file = file;
    }

    void error(int line, int column, String message, String found, String expected, String hint) {
        if (errors++ < MOST) {
            list.add(new MappingFinding(Severity.ERROR, file, line, column, message, found, expected, hint));
        }
    }

    void warning(int line, int column, String message, String hint) {
        if (warnings++ < MOST) {
            list.add(new MappingFinding(Severity.WARNING, file, line, column, message, "", "", hint));
        }
    }

    boolean hasErrors() {
        return errors > 0;
    }

    /** All findings in file order. */
    List<MappingFinding> sorted() {
        List<MappingFinding> sorted = new ArrayList<>(list);
        sorted.sort(Comparator.comparingInt(MappingFinding::line).thenComparingInt(MappingFinding::column));
        addRest(sorted, Severity.ERROR, errors);
        addRest(sorted, Severity.WARNING, warnings);
        return sorted;
    }

    private void addRest(List<MappingFinding> sorted, Severity severity, int count) {
        if (count > MOST) {
            sorted.add(new MappingFinding(
                    severity, file, 0, 0, (count - MOST) + " more of these are not shown", "", "", ""));
        }
    }
}
