// SPDX-License-Identifier: Apache-2.0
// Guesses what a misspelt word was meant to be.
package io.github.tomcatselinux.mapping;

import java.util.Set;
import java.util.TreeSet;

/** Edit distance over a handful of words. */
final class Spelling {
    private Spelling() {}

    /** A hint that names the nearest word, or lists all if none is near. */
    static String nearest(String word, Set<String> some, Set<String> more) {
        Set<String> known = new TreeSet<>(some);
        known.addAll(more);
        String best = "";
        int least = 3;
        if (word.length() < 32) {
            for (String candidate : known) {
                int distance = distance(word, candidate);
                if (distance < least) {
                    least = distance;
                    best = candidate;
                }
            }
        }
        return best.isEmpty() ? "the keys here are " + String.join(", ", known) : "did you mean \"" + best + "\"?";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
