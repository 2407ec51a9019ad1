// SPDX-License-Identifier: Apache-2.0
// A sensitivity with a set of categories.
package io.github.tomcatselinux.mapping;

import java.util.BitSet;

/** A level such as {@code s0:c1,c5.c9}. It is written as the kernel writes it, so that texts can be compared. */
final class Level {
    /** The highest sensitivity and category of the policies that distributions ship. */
    static final int LAST_SENSITIVITY = 15;

    static final int LAST_CATEGORY = 1023;

    private final int sensitivity;
    private final BitSet categories;

    private Level(int sensitivity, BitSet categories) {
        this.sensitivity = sensitivity;
        this.categories = categories;
    }

    /** Reads a level; {@code offset} is where it begins in the text that the columns of errors count in, from 0. */
    static Level parse(String text, int offset) throws ContextException {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        int sensitivity = number(name, 's', LAST_SENSITIVITY, offset, "a sensitivity, s0 to s" + LAST_SENSITIVITY);
        BitSet categories = new BitSet(colon < 0 ? 0 : LAST_CATEGORY + 1);
        if (colon >= 0) {
            int start = colon + 1;
            while (true) {
                int comma = text.indexOf(',', start);
                int end = comma < 0 ? text.length() : comma;
                addCategories(text.substring(start, end), offset + start, categories);
                if (comma < 0) {
                    break;
                }
                start = comma + 1;
            }
        }
        return new Level(sensitivity, categories);
    }

    private static void addCategories(String text, int offset, BitSet categories) throws ContextException {
        String expected = "a category, c0 to c" + LAST_CATEGORY + ", or a span such as c5.c9";
        int dot = text.indexOf('.');
        if (dot < 0) {
            categories.set(number(text, 'c', LAST_CATEGORY, offset, expected));
            return;
        }
        int first = number(text.substring(0, dot), 'c', LAST_CATEGORY, offset, expected);
        int last = number(text.substring(dot + 1), 'c', LAST_CATEGORY, offset + dot + 1, expected);
        if (first >= last) {
            String hint = first == last ? "write \"c" + first + "\"" : "write \"c" + last + ".c" + first + "\"";
            throw new ContextException(
                    offset + 1, "span " + Quoted.text(text) + " does not go upwards", "the lower category first", hint);
        }
        categories.set(first, last + 1);
    }

    private static int number(String text, char letter, int last, int offset, String expected) throws ContextException {
        boolean digits = text.length() > 1 && text.charAt(0) == letter;
        for (int i = 1; i < text.length() && digits; i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!digits) {
            throw new ContextException(offset + 1, Quoted.text(text) + " is no part of a range", expected, "");
        }
        if (text.length() > 2 && text.charAt(1) == '0') {
            throw new ContextException(
                    offset + 1, Quoted.text(text) + " has a leading zero", expected, "leave the zero out");
        }
        if (text.length() > 6 || Integer.parseInt(text.substring(1)) > last) {
            String kind = letter == 's' ? "sensitivities" : "categories";
            throw new ContextException(
                    offset + 1, Quoted.text(text) + " does not exist: " + kind + " end at " + letter + last, "", "");
        }
        return Integer.parseInt(text.substring(1));
    }

    /** Whether whoever runs at this level may read what carries the other. */
    boolean dominates(Level other) {
        if (sensitivity < other.sensitivity) {
            return false;
        }
        BitSet missing = (BitSet) other.categories.clone();
        missing.andNot(categories);
        return missing.isEmpty();
    }

    BitSet categories() {
        return (BitSet) categories.clone();
    }

    int sensitivity() {
        return sensitivity;
    }

    /** As the kernel prints it: ascending, two neighbours with a comma, three or more as a span. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("s").append(sensitivity);
        char separator = ':';
        for (int first = categories.nextSetBit(0); first >= 0; ) {
            int end = categories.nextClearBit(first);
            text.append(separator).append('c').append(first);
            if (end - first > 1) {
                text.append(end - first > 2 ? '.' : ',').append('c').append(end - 1);
            }
            separator = ',';
            first = categories.nextSetBit(end);
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Level level && sensitivity == level.sensitivity && categories.equals(level.categories);
    }

    @Override
    public int hashCode() {
        return 31 * sensitivity + categories.hashCode();
    }
}
