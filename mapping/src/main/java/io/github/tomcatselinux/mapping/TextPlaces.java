// SPDX-License-Identifier: Apache-2.0
// Turns offsets in a text into lines and columns.
package io.github.tomcatselinux.mapping;

import java.util.Arrays;

/** Lines end in LF; columns count characters, not UTF-16 units. Both are counted from 1. */
final class TextPlaces {
    private final String text;
    private int[] starts = new int[16];
    private int lines = 1;

    TextPlaces(String text) {
        this.text = text;
        for (int i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
            if (lines == starts.length) {
                starts = Arrays.copyOf(starts, 2 * lines);
            }
            starts[lines++] = i + 1;
        }
    }

    int line(int offset) {
        int found = Arrays.binarySearch(starts, 0, lines, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    int column(int offset) {
        return text.codePointCount(starts[line(offset) - 1], Math.min(offset, text.length())) + 1;
    }
}
