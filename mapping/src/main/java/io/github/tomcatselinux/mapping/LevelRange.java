// SPDX-License-Identifier: Apache-2.0
// The fourth part of a security context, in its raw form.
package io.github.tomcatselinux.mapping;

import java.util.Optional;

/** A low and a high level; the high one dominates the low one. */
record LevelRange(Level low, Level high) {

    /** Whether the text is meant as a raw range, not as a translated one such as {@code SystemLow}. */
    static boolean looksRaw(String text) {
        return text.length() > 1
                && (text.charAt(0) == 's' || text.charAt(0) == 'c')
                && text.charAt(1) >= '0'
                && text.charAt(1) <= '9';
    }

    static LevelRange parse(String text, int offset) throws ContextException {
        int dash = text.indexOf('-');
        if (dash < 0) {
            Level level = Level.parse(text, offset);
            return new LevelRange(level, level);
        }
        Level low = Level.parse(text.substring(0, dash), offset);
        Level high = Level.parse(text.substring(dash + 1), offset + dash + 1);
        if (!high.dominates(low)) {
            throw new ContextException(
                    offset + dash + 2,
                    "the high level " + Quoted.text(high.toString()) + " does not dominate the low level "
                            + Quoted.text(low.toString()),
                    "a high level with at least the sensitivity and the categories of the low one",
                    "");
        }
        return new LevelRange(low, high);
    }

    /** The range, if the text is a valid raw one. */
    static Optional<LevelRange> of(String text) {
        try {
            return looksRaw(text) ? Optional.of(parse(text, 0)) : Optional.empty();
        } catch (ContextException e) {
            return Optional.empty();
        }
    }

    /** Whether every level from the other's low to its high lies within this range. */
    boolean holds(LevelRange other) {
        return other.low.dominates(low) && high.dominates(other.high);
    }

    @Override
    public String toString() {
        return low.equals(high) ? low.toString() : low + "-" + high;
    }
}
