// SPDX-License-Identifier: Apache-2.0
// The rules that the roles of a user bring into question.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Candidates by role. Who can list his roles is asked for nothing but the list; who cannot is asked for each distinct
 * role, lowest rule first, until no role is left that could lead to a lower rule than is known.
 */
final class RoleTable {
    private record Entry(String role, Candidates holding, int notHolding) {
        int lowest() {
            return Math.min(holding.lowest(), notHolding);
        }
    }

    private final Entry[] byRule;
    private final Entry[] negations;
    private final KeyTable held;

    /** Builds the table from the rules of each role, and the lowest rule that is the bare negation of each role. */
    RoleTable(Map<String, Candidates> holding, Map<String, Integer> notHolding) {
        Map<String, Entry> entries = new HashMap<>();
        holding.forEach((role, rules) ->
                entries.put(role, new Entry(role, rules, notHolding.getOrDefault(role, Candidates.NONE))));
        notHolding.forEach((role, rule) -> entries.putIfAbsent(role, new Entry(role, new Candidates(), rule)));
        List<Entry> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingInt(Entry::lowest));
        byRule = sorted.toArray(new Entry[0]);
        sorted.removeIf(entry -> entry.notHolding() == Candidates.NONE);
        sorted.sort(Comparator.comparingInt(Entry::notHolding));
        negations = sorted.toArray(new Entry[0]);
        held = KeyTable.of(holding);
    }

    int first(Condition[] conditions, Identity identity, int best) {
        if (byRule.length == 0 || byRule[0].lowest() >= best) {
            return best;
        }
        Optional<List<String>> listed = identity.roles().listed();
        return listed.isPresent()
                ? firstOfListed(listed.get(), conditions, identity, best)
                : firstByAsking(conditions, identity, best);
    }

    private int firstOfListed(List<String> roles, Condition[] conditions, Identity identity, int best) {
        int lowest = best;
        for (int i = 0; i < roles.size(); i++) {
            lowest = held.first(roles.get(i), conditions, identity, lowest);
        }
        for (Entry entry : negations) {
            if (entry.notHolding() >= lowest) {
                break;
            }
            if (!identity.roles().hasRole(entry.role())) {
                return entry.notHolding();
            }
        }
        return lowest;
    }

    private int firstByAsking(Condition[] conditions, Identity identity, int best) {
        int lowest = best;
        for (Entry entry : byRule) {
            if (entry.lowest() >= lowest) {
                break;
            }
            if (identity.roles().hasRole(entry.role())) {
                lowest = entry.holding().first(conditions, identity, lowest);
            } else {
                lowest = Math.min(lowest, entry.notHolding());
            }
        }
        return lowest;
    }
}
