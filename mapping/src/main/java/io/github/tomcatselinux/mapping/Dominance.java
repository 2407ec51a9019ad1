// SPDX-License-Identifier: Apache-2.0
// Finds contexts that may read what belongs to others.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
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
    /** Levels with so many categories or fewer are found by looking all subsets up; the others one by one. */
    private static final int FEW = 6;

    private static final int BITS = 10;
    private static final int MOST_COMPARISONS = 2_000_000;

    /** The distinct levels with categories of one domain; those with few categories also by their packed categories. */
    private record Domain(List<Owner> all, Map<Long, List<Owner>> few) {}

    private record Owner(Level level, Rule rule) {}

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private int comparisons;

    void report(List<Rule> rules, Findings findings) {
        for (Rule rule : rules) {
            if (rule.target() instanceof ContextTemplate context
                    && context.range().orElse("").indexOf('c') >= 0) {
                context.levels().ifPresent(range -> add(context.domain().orElse("*"), range.high(), rule));
            }
        }
        domains.forEach((name, domain) -> {
            for (Owner owner : domain.all()) {
                dominated(domain, owner)
                        .ifPresent(other -> findings.warning(
                                owner.rule().line(),
                                owner.rule().column(),
                                "range " + Quoted.text(owner.level().toString()) + " of domain " + name + " dominates "
                                        + Quoted.text(other.level().toString()) + " of line "
                                        + other.rule().line()
                                        + ": the one can read all that belongs to the other",
                                "give each a pair of categories that no other set contains"));
            }
        });
    }

    private void add(String domainName, Level level, Rule rule) {
        int[] categories = level.categories().stream().toArray();
        if (categories.length == 0) {
            return;
        }
        Domain domain = domains.computeIfAbsent(domainName, name -> new Domain(new ArrayList<>(), new HashMap<>()));
        Owner owner = new Owner(level, rule);
        if (categories.length > FEW) {
            if (domain.all().stream().noneMatch(other -> other.level().equals(level))) {
                domain.all().add(owner);
            }
            return;
        }
        List<Owner> owners = domain.few().computeIfAbsent(packed(categories, -1), key -> new ArrayList<>(1));
        if (owners.stream().noneMatch(other -> other.level().equals(level))) {
            owners.add(owner);
            domain.all().add(owner);
        }
    }

    /** Ascending categories, of which {@code subset} has a bit for each, in one number. */
    private static long packed(int[] categories, int subset) {
        long packed = 0;
        long count = 0;
        for (int i = 0; i < categories.length; i++) {
            if ((subset >> i & 1) != 0) {
                packed = (packed << BITS) | categories[i];
                count++;
            }
        }
        return (count << (FEW * BITS)) | packed;
    }

    private Optional<Owner> dominated(Domain domain, Owner owner) {
        int[] categories = owner.level().categories().stream().toArray();
        if (categories.length > FEW) {
            return dominatedByComparison(domain, owner);
        }
        for (int subset = 1; subset < 1 << categories.length; subset++) {
            Optional<Owner> found = first(domain.few().getOrDefault(packed(categories, subset), List.of()), owner);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Owner> dominatedByComparison(Domain domain, Owner owner) {
        comparisons += domain.all().size();
        return comparisons > MOST_COMPARISONS ? Optional.empty() : first(domain.all(), owner);
    }

    private static Optional<Owner> first(List<Owner> others, Owner owner) {
        for (Owner other : others) {
            if (!other.level().equals(owner.level()) && owner.level().dominates(other.level())) {
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }
}
