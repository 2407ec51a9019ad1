// SPDX-License-Identifier: Apache-2.0
// The meaning of each condition, in one place.
package io.github.tomcatselinux.mapping;

import java.util.List;

/** Evaluates a condition; allocates nothing. */
final class Evaluation {
    private Evaluation() {}

    static Truth of(Condition condition, Identity identity) {
        if (condition instanceof Condition.User user) {
            return identity.user().isEmpty()
                    ? Truth.UNKNOWN
                    : Truth.of(identity.user().get().equals(user.name()));
        }
        if (condition instanceof Condition.Role role) {
            return identity.user().isEmpty()
                    ? Truth.UNKNOWN
                    : Truth.of(identity.roles().hasRole(role.name()));
        }
        if (condition instanceof Condition.From from) {
            return identity.address().isEmpty()
                    ? Truth.UNKNOWN
                    : Truth.of(from.network().contains(identity.address().get()));
        }
        if (condition instanceof Condition.Everybody) {
            return Truth.TRUE;
        }
        if (condition instanceof Condition.Authenticated authenticated) {
            return Truth.of(identity.user().isPresent() == authenticated.expected());
        }
        if (condition instanceof Condition.Host host) {
            return identity.host().isEmpty() ? Truth.UNKNOWN : Truth.of(hostMatches(host.pattern(), identity.host()));
        }
        if (condition instanceof Condition.Path path) {
            return Truth.of(pathMatches(path.prefix(), identity.path()));
        }
        if (condition instanceof Condition.Method method) {
            return Truth.of(identity.method().equals(method.name()));
        }
        if (condition instanceof Condition.Not not) {
            return of(not.condition(), identity).not();
        }
        if (condition instanceof Condition.All all) {
            return all(all.conditions(), identity);
        }
        return any(((Condition.Any) condition).conditions(), identity);
    }

    private static Truth all(List<Condition> conditions, Identity identity) {
        Truth worst = Truth.TRUE;
        for (int i = 0; i < conditions.size() && worst != Truth.FALSE; i++) {
            Truth truth = of(conditions.get(i), identity);
            worst = truth.compareTo(worst) < 0 ? truth : worst;
        }
        return worst;
    }

    private static Truth any(List<Condition> conditions, Identity identity) {
        Truth best = Truth.FALSE;
        for (int i = 0; i < conditions.size() && best != Truth.TRUE; i++) {
            Truth truth = of(conditions.get(i), identity);
            best = truth.compareTo(best) > 0 ? truth : best;
        }
        return best;
    }

    private static boolean hostMatches(String pattern, String host) {
        if (pattern.startsWith("*.")) {
            return host.length() > pattern.length() - 1
                    && host.regionMatches(host.length() - pattern.length() + 1, pattern, 1, pattern.length() - 1);
        }
        return host.equals(pattern);
    }

    private static boolean pathMatches(String prefix, String path) {
        return path.startsWith(prefix)
                && (path.length() == prefix.length() ? !path.isEmpty() : path.charAt(prefix.length()) == '/');
    }
}
