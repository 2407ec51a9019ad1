// SPDX-License-Identifier: Apache-2.0
// What follows from a condition.
package io.github.tomcatselinux.mapping;

import java.util.List;

/** Sound but not complete: "yes" is proven, "no" means only that it was not. Takes conditions in normal form. */
final class Implication {
    private static final Condition AUTHENTICATED = new Condition.Authenticated(true);
    /** Conjunctions with more parts are not searched for contradictions. */
    private static final int MOST_PARTS = 200;

    private Implication() {}

    /** Whether {@code b} holds whenever {@code a} does. */
    static boolean implies(Condition a, Condition b) {
        if (b instanceof Condition.Everybody || a.equals(b)) {
            return true;
        }
        if (a instanceof Condition.Any any) {
            return any.conditions().stream().allMatch(part -> implies(part, b));
        }
        if (b instanceof Condition.All all) {
            return all.conditions().stream().allMatch(part -> implies(a, part));
        }
        if (b instanceof Condition.Any any && any.conditions().stream().anyMatch(part -> implies(a, part))) {
            return true;
        }
        if (a instanceof Condition.All all) {
            return all.conditions().stream().anyMatch(part -> implies(part, b));
        }
        return single(a, b);
    }

    private static boolean single(Condition a, Condition b) {
        if (b.equals(AUTHENTICATED)) {
            return isAboutTheUser(a);
        }
        if (a instanceof Condition.From from && b instanceof Condition.From other) {
            return other.network().contains(from.network());
        }
        if (a instanceof Condition.Path path && b instanceof Condition.Path other) {
            return isBelow(path, other);
        }
        if (a instanceof Condition.Host host && b instanceof Condition.Host other) {
            return isCovered(host.pattern(), other.pattern());
        }
        if (b instanceof Condition.Not not) {
            return a instanceof Condition.Not other
                    ? single(not.condition(), other.condition())
                    : areDisjoint(a, not.condition());
        }
        return false;
    }

    private static boolean isAboutTheUser(Condition condition) {
        Condition inner = condition instanceof Condition.Not not ? not.condition() : condition;
        return inner instanceof Condition.User || inner instanceof Condition.Role;
    }

    private static boolean isBelow(Condition.Path path, Condition.Path other) {
        return path.prefix().equals(other.prefix()) || path.prefix().startsWith(other.prefix() + "/");
    }

    private static boolean isCovered(String host, String pattern) {
        return host.equals(pattern)
                || (pattern.startsWith("*.")
                        && host.endsWith(pattern.substring(1))
                        && host.length() > pattern.length() - 1
                        && !host.equals(pattern.substring(1)));
    }

    /** Whether two conditions of the same kind, neither negated, cannot hold together. */
    private static boolean areDisjoint(Condition a, Condition b) {
        if (a instanceof Condition.User user && b instanceof Condition.User other) {
            return !user.name().equals(other.name());
        }
        if (a instanceof Condition.Method method && b instanceof Condition.Method other) {
            return !method.name().equals(other.name());
        }
        if (a instanceof Condition.From from && b instanceof Condition.From other) {
            return !from.network().contains(other.network()) && !other.network().contains(from.network());
        }
        if (a instanceof Condition.Path path && b instanceof Condition.Path other) {
            return !isBelow(path, other) && !isBelow(other, path);
        }
        if (a instanceof Condition.Host host && b instanceof Condition.Host other) {
            return !isCovered(host.pattern(), other.pattern()) && !isCovered(other.pattern(), host.pattern());
        }
        return false;
    }

    /** Whether the condition contradicts itself. */
    static boolean neverHolds(Condition condition) {
        if (condition instanceof Condition.Any any) {
            return any.conditions().stream().allMatch(Implication::neverHolds);
        }
        if (condition instanceof Condition.Not not) {
            return not.condition() instanceof Condition.Everybody;
        }
        return condition instanceof Condition.All all && contradict(all.conditions());
    }

    private static boolean contradict(List<Condition> parts) {
        if (parts.stream().anyMatch(Implication::neverHolds)) {
            return true;
        }
        for (int i = 0; i < Math.min(parts.size(), MOST_PARTS); i++) {
            for (int j = 0; j < i; j++) {
                Condition not = Conditions.normal(new Condition.Not(parts.get(i)));
                if (implies(parts.get(j), not)) {
                    return true;
                }
            }
        }
        return false;
    }
}
