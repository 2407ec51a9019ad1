// SPDX-License-Identifier: Apache-2.0
// Finds contexts that may read what belongs to others.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the ranges of each domain. A level without categories is what all share and is not reported; a level with
 * some belongs to somebody, and whoever runs at a level that dominates it can read it.
 */
final class Dominance {
    /** Up to so many categories all subsets are looked up; levels with more are compared one by one. */
    private static final int ENUMERATED = 6;

    private static final int MOST_COMPARISONS = 2_000_000;

    /** The distinct levels with categories of one domain, with the first rule of each. */
    private record Domain(Map<BitSet, List<Owner>> byCategories) {}

    private record Owner(Level level, Rule rule) {}

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private int comparisons;

    void report(List<Rule> rules, Findings findings) {
        for (Rule rule : rules) {
            if (rule.target() instanceof ContextTemplate context) {
                context.levels().ifPresent(range -> add(context.domain().orElse("*"), range.high(), rule));
            }
        }
        domains.forEach((name, domain) -> domain.byCategories().values().forEach(owners -> {
            for (Owner owner : owners) {
                dominated(domain, owner)
                        .ifPresent(other -> findings.warning(
                                owner.rule().line(),
                                owner.rule().column(),
                                "range " + Quoted.text(owner.level().toString()) + " of domain " + name + " dominates "
                                        + Quoted.text(other.level().toString()) + " of line "
                                        + other.rule().line() + ": the one can read all that belongs to the other",
                                "give each a pair of categories that no other set contains"));
            }
        }));
    }

    private void add(String domain, Level level, Rule rule) {
        BitSet categories = level.categories();
        if (categories.isEmpty()) {
            return;
        }
        List<Owner> owners = domains.computeIfAbsent(domain, name -> new Domain(new HashMap<>()))
                .byCategories()
                .computeIfAbsent(categories, set -> new ArrayList<>(1));
        if (owners.stream().noneMatch(owner -> owner.level().equals(level))) {
            owners.add(new Owner(level, rule));
        }
    }

    private Optional<Owner> dominated(Domain domain, Owner owner) {
        int[] categories = owner.level().categories().stream().toArray();
        if (categories.length > ENUMERATED) {
            return dominatedByComparison(domain, owner);
        }
        for (int subset = 1; subset < 1 << categories.length; subset++) {
            BitSet wanted = new BitSet();
            for (int i = 0; i < categories.length; i++) {
                if ((subset >> i & 1) != 0) {
                    wanted.set(categories[i]);
                }
            }
            Optional<Owner> found = first(domain.byCategories().getOrDefault(wanted, List.of()), owner);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Owner> dominatedByComparison(Domain domain, Owner owner) {
        for (List<Owner> others : domain.byCategories().values()) {
            if (++comparisons > MOST_COMPARISONS) {
                break;
            }
            Optional<Owner> found = first(others, owner);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Owner> first(List<Owner> others, Owner owner) {
        return others.stream()
                .filter(other ->
                        !other.level().equals(owner.level()) && owner.level().dominates(other.level()))
                .findFirst();
    }
}
