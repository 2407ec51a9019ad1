// SPDX-License-Identifier: Apache-2.0
// The rules that texts of a request bring into question.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Candidates by text. A key with one unconditional rule, which is what most are, costs no object but its text. */
final class KeyTable {
    private final StringTable table;
    private final Candidates[] candidates;

    private KeyTable(StringTable table, Candidates[] candidates) {
        this.table = table;
        this.candidates = candidates;
    }

    static KeyTable of(Map<String, Candidates> byKey) {
        Map<String, Integer> values = new HashMap<>();
        List<Candidates> several = new ArrayList<>();
        byKey.forEach((key, rules) -> {
            if (rules.unconditional()) {
                values.put(key, rules.closing());
            } else {
                several.add(rules);
                values.put(key, -several.size());
            }
        });
        return new KeyTable(new StringTable(values), several.toArray(new Candidates[0]));
    }

    boolean isEmpty() {
        return table.isEmpty();
    }

    int first(String key, Condition[] conditions, Identity identity, int best) {
        return first(table.find(key), conditions, identity, best);
    }

    /** As the other, for the first {@code length} characters of a text. */
    int first(int hash, String text, int length, Condition[] conditions, Identity identity, int best) {
        return first(table.find(hash, text, length), conditions, identity, best);
    }

    private int first(int value, Condition[] conditions, Identity identity, int best) {
        return value >= 0 ? Math.min(value, best) : candidates[-value - 1].first(conditions, identity, best);
    }
}
