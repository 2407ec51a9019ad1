// SPDX-License-Identifier: Apache-2.0
// Rewrites conditions without changing their meaning.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;

/** Normal form for indexing: negations only before single conditions, no conjunction in a conjunction. */
final class Conditions {
    private Conditions() {}

    /** De Morgan's laws hold in three-valued logic too; the law of the excluded middle does not, and is not used. */
    static Condition normal(Condition condition) {
        return normal(condition, false);
    }

    private static Condition normal(Condition condition, boolean negated) {
        if (condition instanceof Condition.Not not) {
            return normal(not.condition(), !negated);
        }
        if (condition instanceof Condition.Authenticated authenticated) {
            return new Condition.Authenticated(authenticated.expected() != negated);
        }
        if (condition instanceof Condition.All all) {
            List<Condition> parts = parts(all.conditions(), negated);
            return negated ? any(parts) : all(parts);
        }
        if (condition instanceof Condition.Any any) {
            List<Condition> parts = parts(any.conditions(), negated);
            return negated ? all(parts) : any(parts);
        }
        return negated ? new Condition.Not(condition) : condition;
    }

    private static List<Condition> parts(List<Condition> conditions, boolean negated) {
        List<Condition> parts = new ArrayList<>(conditions.size());
        for (Condition condition : conditions) {
            parts.add(normal(condition, negated));
        }
        return parts;
    }

    private static Condition all(List<Condition> parts) {
        List<Condition> flat = new ArrayList<>(parts.size());
        for (Condition part : parts) {
            if (part instanceof Condition.All all) {
                flat.addAll(all.conditions());
            } else if (!(part instanceof Condition.Everybody)) {
                flat.add(part);
            }
        }
        if (flat.isEmpty()) {
            return new Condition.Everybody();
        }
        return flat.size() == 1 ? flat.get(0) : new Condition.All(flat);
    }

    private static Condition any(List<Condition> parts) {
        List<Condition> flat = new ArrayList<>(parts.size());
        for (Condition part : parts) {
            if (part instanceof Condition.Any any) {
                flat.addAll(any.conditions());
            } else {
                flat.add(part);
            }
        }
        return flat.size() == 1 ? flat.get(0) : new Condition.Any(flat);
    }
}
