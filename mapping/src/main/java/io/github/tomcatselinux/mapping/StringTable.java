// SPDX-License-Identifier: Apache-2.0
// From a text to a number, in one look.
package io.github.tomcatselinux.mapping;

import java.util.Map;

/**
 * A hash table that is built once. Slots hold hash and index together, so that a text is only compared with the one it
 * is nearly certain to equal; a part of a longer text can be looked up without being cut out.
 */
final class StringTable {
    /** What {@link #find} answers for an unknown text. */
    static final int ABSENT = Integer.MAX_VALUE;

    private final long[] slots;
    private final String[] texts;
    private final int[] values;
    private final int mask;

    StringTable(Map<String, Integer> entries) {
        int capacity = Integer.highestOneBit(Math.max(2, entries.size() * 2 - 1)) << 1;
        slots = new long[capacity];
        mask = capacity - 1;
        texts = new String[entries.size()];
        values = new int[entries.size()];
        int index = 0;
        for (Map.Entry<String, Integer> entry : entries.entrySet()) {
            texts[index] = entry.getKey();
            values[index] = entry.getValue();
            int hash = entry.getKey().hashCode();
            int slot = spread(hash) & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = (long) hash << 32 | ++index;
        }
    }

    private static int spread(int hash) {
        int mixed = hash * 0x9e3779b9;
        return mixed ^ mixed >>> 16;
    }

    boolean isEmpty() {
        return texts.length == 0;
    }

    int find(String text) {
        return find(text.hashCode(), text, text.length());
    }

    /** Finds the first {@code length} characters of a text, whose {@link String#hashCode} the caller knows. */
    int find(int hash, String text, int length) {
        int slot = spread(hash) & mask;
        while (slots[slot] != 0) {
            if ((int) (slots[slot] >>> 32) == hash) {
                int index = (int) slots[slot] - 1;
                if (texts[index].length() == length && text.startsWith(texts[index])) {
                    return values[index];
                }
            }
            slot = (slot + 1) & mask;
        }
        return ABSENT;
    }
}
