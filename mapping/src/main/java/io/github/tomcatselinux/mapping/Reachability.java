// SPDX-License-Identifier: Apache-2.0
// Finds the rules that can never decide.
package io.github.tomcatselinux.mapping;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks through the rules and keeps what the earlier ones leave over. For rules with a single condition on user, role or
 * network, which is all that the classic format can say, the answer is exact; a conjunction is only called unreachable if
 * one earlier rule is proven to hold whenever it does.
 */
final class Reachability {
    /** Conjunctions are compared with so many earlier rules at most, in all. */
    private static final int MOST_COMPARISONS = 4_000_000;

    private static final int NONE = -1;

    private final List<Rule> rules;
    private final BitSet decidingByAddress;
    private final Map<String, Integer> users = new HashMap<>();
    private final Map<String, Integer> roles = new HashMap<>();
    private final Map<String, Integer> otherRoles = new HashMap<>();
    private int everybody = NONE;
    private int anonymous = NONE;
    private int authenticated = NONE;
    private int otherUsers = NONE;
    private String remainingUser = "";
    private int comparisons;

    Reachability(List<Rule> rules, BitSet decidingByAddress) {
        this.rules = rules;
        this.decidingByAddress = decidingByAddress;
    }

    void report(Findings findings) {
        Condition[] normal = new Condition[rules.size()];
        for (Rule rule : rules) {
            normal[rule.number()] = Conditions.normal(rule.condition());
            if (Implication.neverHolds(normal[rule.number()])) {
                findings.warning(
                        rule.line(), rule.column(), "this rule can never match: its conditions contradict", "");
                continue;
            }
            Optional<String> because = shadow(rule.number(), normal);
            because.ifPresent(reason -> findings.warning(
                    rule.line(), rule.column(), "this rule never decides: " + reason, "remove it, or move it up"));
            alternatives(normal[rule.number()]).forEach(part -> cover(rule.number(), part));
        }
        reportRest(findings);
    }

    private void reportRest(Findings findings) {
        if (rules.isEmpty()) {
            findings.warning(0, 0, "there are no rules", "end with \"* @deny\", or with a context for everybody");
        } else if (everybody == NONE && (anonymous == NONE || authenticated == NONE)) {
            Rule last = rules.get(rules.size() - 1);
            findings.warning(
                    last.line(),
                    0,
                    "no rule behind this one matches everybody, so that defaultContext or onNoMatch decides the rest",
                    last.file().endsWith(".json")
                            ? "end with {\"everybody\": true, \"context\": \"@deny\"}, or with a context"
                            : "end with \"* @deny\", or with a context for everybody");
        }
    }

    private static List<Condition> alternatives(Condition normal) {
        return normal instanceof Condition.Any any ? any.conditions() : List.of(normal);
    }

    /** Why no request is left for the rule, if none is. */
    private Optional<String> shadow(int rule, Condition[] normal) {
        Optional<String> because = Optional.empty();
        for (Condition part : alternatives(normal[rule])) {
            because = shadowOfPart(rule, part, normal);
            if (because.isEmpty()) {
                return because;
            }
        }
        return because;
    }

    private Optional<String> shadowOfPart(int rule, Condition part, Condition[] normal) {
        if (everybody != NONE) {
            return Optional.of(line(everybody) + " matches everybody");
        }
        if (anonymous != NONE && authenticated != NONE) {
            return Optional.of(line(anonymous) + " and those up to " + line(authenticated) + " leave nobody over");
        }
        if (authenticated != NONE && Implication.implies(part, new Condition.Authenticated(true))) {
            return Optional.of("the rules up to " + line(authenticated) + " match every authenticated user");
        }
        if (anonymous != NONE && Implication.implies(part, new Condition.Authenticated(false))) {
            return Optional.of(line(anonymous) + " matches every anonymous request");
        }
        if (part instanceof Condition.User user) {
            return shadowOfUser(user.name());
        }
        if (part instanceof Condition.Role role) {
            return Optional.ofNullable(roles.get(role.name())).map(by -> line(by) + " has the same role");
        }
        if (part instanceof Condition.Not not && not.condition() instanceof Condition.User user) {
            boolean same = otherUsers != NONE && user.name().equals(remainingUser);
            return same ? Optional.of(line(otherUsers) + " says the same") : Optional.empty();
        }
        if (part instanceof Condition.Not not && not.condition() instanceof Condition.Role role) {
            return Optional.ofNullable(otherRoles.get(role.name())).map(by -> line(by) + " says the same");
        }
        if (isAboutTheAddress(part)) {
            return decidingByAddress.get(rule)
                    ? Optional.empty()
                    : Optional.of("earlier rules match all of its addresses");
        }
        return shadowOfConjunction(rule, part, normal);
    }

    private static boolean isAboutTheAddress(Condition part) {
        return part instanceof Condition.From
                || (part instanceof Condition.Not not && not.condition() instanceof Condition.From);
    }

    private Optional<String> shadowOfUser(String name) {
        if (otherUsers != NONE && !name.equals(remainingUser)) {
            return Optional.of(line(otherUsers) + " matches every user but " + Quoted.text(remainingUser));
        }
        return Optional.ofNullable(users.get(name)).map(by -> line(by) + " has the same user");
    }

    private Optional<String> shadowOfConjunction(int rule, Condition part, Condition[] normal) {
        for (int earlier = 0; earlier < rule && comparisons < MOST_COMPARISONS; earlier++) {
            comparisons++;
            if (Implication.implies(part, normal[earlier])) {
                return Optional.of(line(earlier) + " matches whenever it does");
            }
        }
        return Optional.empty();
    }

    private String line(int rule) {
        return "the rule of line " + rules.get(rule).line();
    }

    /** Notes what a rule takes away from all later ones. */
    private void cover(int rule, Condition part) {
        if (part instanceof Condition.Everybody) {
            everybody = everybody == NONE ? rule : everybody;
        } else if (part instanceof Condition.Authenticated who) {
            if (who.expected()) {
                coverAuthenticated(rule);
            } else {
                anonymous = anonymous == NONE ? rule : anonymous;
            }
        } else if (part instanceof Condition.User user) {
            users.putIfAbsent(user.name(), rule);
            if (otherUsers != NONE && user.name().equals(remainingUser)) {
                coverAuthenticated(rule);
            }
        } else if (part instanceof Condition.Role role) {
            roles.putIfAbsent(role.name(), rule);
            if (otherRoles.containsKey(role.name())) {
                coverAuthenticated(rule);
            }
        } else if (part instanceof Condition.Not not && not.condition() instanceof Condition.User user) {
            coverOtherUsers(rule, user.name());
        } else if (part instanceof Condition.Not not && not.condition() instanceof Condition.Role role) {
            otherRoles.putIfAbsent(role.name(), rule);
            if (roles.containsKey(role.name())) {
                coverAuthenticated(rule);
            }
        }
    }

    private void coverOtherUsers(int rule, String name) {
        if (otherUsers == NONE) {
            otherUsers = rule;
            remainingUser = name;
        }
        if (!name.equals(remainingUser) || users.containsKey(remainingUser)) {
            coverAuthenticated(rule);
        }
    }

    private void coverAuthenticated(int rule) {
        authenticated = authenticated == NONE ? rule : authenticated;
    }
}
