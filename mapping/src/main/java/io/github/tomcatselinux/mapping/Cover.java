// SPDX-License-Identifier: Apache-2.0
// Chooses the keys by which a conjunction is found.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cover of a condition is a set of single conditions of which at least one holds whenever the condition does. A rule
 * needs to be tried only for requests that one of them holds for. Of all covers the one with the rarest keys is taken.
 */
final class Cover {
    private final Map<Condition, Integer> uses = new HashMap<>();

    private record Choice(List<Condition> keys, double cost) {}

    /** Counts the keys of a rule; all rules are counted before the first cover is chosen. */
    void count(Condition normal) {
        if (normal instanceof Condition.All all) {
            all.conditions().forEach(this::count);
        } else if (normal instanceof Condition.Any any) {
            any.conditions().forEach(this::count);
        } else if (isKey(normal)) {
            uses.merge(normal, 1, Integer::sum);
        }
    }

    /** The keys to file a rule under; empty if every request must be tried. */
    Optional<List<Condition>> of(Condition normal) {
        return choose(normal).map(Choice::keys);
    }

    private Optional<Choice> choose(Condition normal) {
        if (normal instanceof Condition.All all) {
            Optional<Choice> best = Optional.empty();
            for (Condition part : all.conditions()) {
                Optional<Choice> choice = choose(part);
                if (choice.isPresent()
                        && (best.isEmpty() || choice.get().cost() < best.get().cost())) {
                    best = choice;
                }
            }
            return best;
        }
        if (normal instanceof Condition.Any any) {
            List<Condition> keys = new ArrayList<>();
            double cost = 0;
            for (Condition part : any.conditions()) {
                Optional<Choice> choice = choose(part);
                if (choice.isEmpty()) {
                    return Optional.empty();
                }
                keys.addAll(choice.get().keys());
                cost += choice.get().cost();
            }
            return Optional.of(new Choice(keys, cost));
        }
        return isKey(normal)
                ? Optional.of(new Choice(List.of(normal), uses.getOrDefault(normal, 1) * weight(normal)))
                : Optional.empty();
    }

    static boolean isKey(Condition condition) {
        return condition instanceof Condition.User
                || condition instanceof Condition.Role
                || condition instanceof Condition.From
                || condition instanceof Condition.Path
                || condition instanceof Condition.Method
                || (condition instanceof Condition.Host host && !host.pattern().startsWith("*"));
    }

    /** How much of all requests a key is guessed to select. */
    private static double weight(Condition key) {
        if (key instanceof Condition.User) {
            return 1;
        }
        if (key instanceof Condition.From from) {
            return from.network().prefix() < 8 ? 1000 : 3;
        }
        if (key instanceof Condition.Path path) {
            return path.prefix().isEmpty() ? 10000 : 5;
        }
        if (key instanceof Condition.Role) {
            return 30;
        }
        return key instanceof Condition.Host ? 20 : 300;
    }
}
