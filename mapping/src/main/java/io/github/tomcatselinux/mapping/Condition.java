// SPDX-License-Identifier: Apache-2.0
// When a rule applies: the tree that both file formats are read into.
package io.github.tomcatselinux.mapping;

import java.util.List;

/**
 * A condition on an identity. A condition about something that the request lacks (user or role of an anonymous request,
 * address of one without, host of one without) does not hold, and neither does its negation.
 */
public sealed interface Condition {
    /** Holds for every request. */
    record Everybody() implements Condition {}

    /** Holds if a user has, or has not, been authenticated. */
    record Authenticated(boolean expected) implements Condition {}

    /** Holds for the authenticated user of exactly this name. */
    record User(String name) implements Condition {}

    /** Holds for an authenticated user who has this role. */
    record Role(String name) implements Condition {}

    /** Holds for a client in this network. */
    record From(Network network) implements Condition {}

    /** Holds for a virtual host: a lower-case name, or {@code *.domain} for every name below the domain. */
    record Host(String pattern) implements Condition {}

    /** Holds for this path and everything below it; no slash at the end, so that the root is the empty string. */
    record Path(String prefix) implements Condition {}

    /** Holds for this request method, in this case. */
    record Method(String name) implements Condition {}

    /** Holds if the other does not, and is not about something that the request lacks. */
    record Not(Condition condition) implements Condition {}

    /** Holds if all of these hold. */
    record All(List<Condition> conditions) implements Condition {
        /** Keeps an unmodifiable copy. */
        public All {
            conditions = List.copyOf(conditions);
        }
    }

    /** Holds if any of these holds. */
    record Any(List<Condition> conditions) implements Condition {
        /** Keeps an unmodifiable copy. */
        public Any {
            conditions = List.copyOf(conditions);
        }
    }

    /** Whether the condition holds for this request. */
    default boolean holds(Identity identity) {
        return Evaluation.of(this, identity) == Truth.TRUE;
    }
}
