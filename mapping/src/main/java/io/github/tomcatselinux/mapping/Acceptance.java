// SPDX-License-Identifier: Apache-2.0
// A last word on rules before they come into force.
package io.github.tomcatselinux.mapping;

import java.util.Optional;

/** Asked about rules that were read without error: can the system really serve them? */
@FunctionalInterface
public interface Acceptance {
    /** Why the rules cannot come into force; empty if they can. */
    Optional<String> objection(RuleSet rules);
}
