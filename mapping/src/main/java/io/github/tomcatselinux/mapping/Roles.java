// SPDX-License-Identifier: Apache-2.0
// The roles of an authenticated request: listed, or only to be asked for one by one.
package io.github.tomcatselinux.mapping;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What roles a principal holds. Asked only for authenticated requests; belongs to one request and to one thread. */
public interface Roles {
    /** Whether the principal holds this role. */
    boolean hasRole(String role);

    /**
     * All roles the principal holds, without duplicates, if it can tell. Then the number of roles in the rules costs
     * nothing; else each distinct role in the rules above the best other hit is asked for once.
     */
    default Optional<List<String>> listed() {
        return Optional.empty();
    }

    /** No role at all. */
    static Roles none() {
        return of(List.of());
    }

    /** Exactly these roles. */
    static Roles of(Collection<String> roles) {
        Set<String> set = Set.copyOf(roles);
        Optional<List<String>> listed = Optional.of(List.copyOf(set));
        return new Roles() {
            @Override
            public boolean hasRole(String role) {
                return set.contains(role);
            }

            @Override
            public Optional<List<String>> listed() {
                return listed;
            }

            @Override
            public String toString() {
                return set.toString();
            }
        };
    }

    /** Roles of a principal that only answers questions. Each role is asked for at most once; the answer is kept. */
    static Roles asking(Predicate<String> hasRole) {
        Map<String, Boolean> answers = new HashMap<>();
        return role -> answers.computeIfAbsent(role, hasRole::test);
    }
}
