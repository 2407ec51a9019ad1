// SPDX-License-Identifier: Apache-2.0
// The rules that one key of a request brings into question.
package io.github.tomcatselinux.mapping;

import java.util.Arrays;

/**
 * Rules that can only hold for requests with one key, say one user name. Rules that have further conditions are tried in
 * order; {@code closing} is the first rule that has none, so nothing behind it is kept.
 */
final class Candidates {
    static final int NONE = Integer.MAX_VALUE;

    private static final int[] EMPTY = {};

    private int[] conditional = EMPTY;
    private int count;
    private int closing = NONE;

    /** Adds a rule that holds whenever the key is there. Rules are added in ascending order. */
    void addUnconditional(int rule) {
        closing = Math.min(closing, rule);
    }

    /** Adds a rule that may hold if the key is there. */
    void addConditional(int rule) {
        if (rule >= closing || (count > 0 && conditional[count - 1] == rule)) {
            return;
        }
        if (count == conditional.length) {
            conditional = Arrays.copyOf(conditional, Math.max(2, 2 * count));
        }
        conditional[count++] = rule;
    }

    boolean unconditional() {
        return count == 0;
    }

    int closing() {
        return closing;
    }

    /** The lowest rule number in here. */
    int lowest() {
        return count == 0 ? closing : Math.min(closing, conditional[0]);
    }

    /** The lowest rule that holds and is below {@code best}, else {@code best}. */
    int first(Condition[] conditions, Identity identity, int best) {
        int limit = Math.min(best, closing);
        for (int i = 0; i < count && conditional[i] < limit; i++) {
            int rule = conditional[i];
            if (conditions[rule].holds(identity)) {
                return rule;
            }
        }
        return limit;
    }
}
