// SPDX-License-Identifier: Apache-2.0
// Why a rule decides, and why the ones before it did not.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A decision with its reasons. Slow, since every rule up to the deciding one is looked at; for people, not for requests.
 *
 * @param decision what the rule set decides
 * @param earlier each rule before the deciding one (all rules, if none decides), and why it does not match
 */
public record Explanation(Decision decision, List<Mismatch> earlier) {
    /** A rule that does not match, and why. */
    public record Mismatch(Rule rule, String reason) {}

    /** Keeps an unmodifiable copy. */
    public Explanation {
        earlier = List.copyOf(earlier);
    }

    /** Explains what {@link RuleSet#decide} says about a request. */
    public static Explanation of(RuleSet rules, Identity identity) {
        List<Mismatch> earlier = new ArrayList<>();
        for (Rule rule : rules.rules()) {
            if (rule.condition().holds(identity)) {
                break;
            }
            earlier.add(new Mismatch(rule, reason(Conditions.normal(rule.condition()), identity)));
        }
        return new Explanation(rules.decide(identity), earlier);
    }

    /** Why a condition in normal form does not hold. */
    private static String reason(Condition condition, Identity identity) {
        if (condition instanceof Condition.All all) {
            return all.conditions().stream()
                    .filter(part -> !part.holds(identity))
                    .map(part -> reason(part, identity))
                    .distinct()
                    .collect(Collectors.joining("; "));
        }
        if (condition instanceof Condition.Any any) {
            return any.conditions().stream()
                    .map(part -> reason(part, identity))
                    .distinct()
                    .collect(Collectors.joining("; "));
        }
        boolean negated = condition instanceof Condition.Not;
        Condition single = condition instanceof Condition.Not not ? not.condition() : condition;
        return negated && Evaluation.of(single, identity) == Truth.TRUE
                ? reasonOfMatch(single, identity)
                : reasonOfSingle(single, identity);
    }

    private static String reasonOfSingle(Condition condition, Identity identity) {
        boolean anonymous = identity.user().isEmpty();
        String user = Quoted.text(identity.user().orElse(""));
        if (condition instanceof Condition.User other) {
            return anonymous
                    ? "no user is authenticated"
                    : "the user is " + user + ", not " + Quoted.text(other.name());
        }
        if (condition instanceof Condition.Role role) {
            return anonymous ? "no user is authenticated" : user + " does not have role " + Quoted.text(role.name());
        }
        if (condition instanceof Condition.From from) {
            return identity.address()
                    .map(address -> address + " is not in " + from.network())
                    .orElse("the request has no address");
        }
        if (condition instanceof Condition.Authenticated) {
            return anonymous ? "no user is authenticated" : "the user " + user + " is authenticated";
        }
        if (condition instanceof Condition.Host host) {
            return identity.host().isEmpty()
                    ? "the host is not known"
                    : "the host is " + Quoted.text(identity.host()) + ", not " + Quoted.text(host.pattern());
        }
        if (condition instanceof Condition.Path path) {
            return "path " + Quoted.text(identity.path()) + " is not at or below " + Quoted.text(path.prefix() + "/");
        }
        if (condition instanceof Condition.Method method) {
            return "the method is " + Quoted.text(identity.method()) + ", not " + Quoted.text(method.name());
        }
        return "it matches nobody";
    }

    private static String reasonOfMatch(Condition condition, Identity identity) {
        String user = Quoted.text(identity.user().orElse(""));
        if (condition instanceof Condition.User) {
            return "the user is " + user;
        }
        if (condition instanceof Condition.Role role) {
            return user + " has role " + Quoted.text(role.name());
        }
        if (condition instanceof Condition.From from) {
            return identity.address().map(IpAddress::toString).orElse("") + " is in " + from.network();
        }
        if (condition instanceof Condition.Host) {
            return "the host is " + Quoted.text(identity.host());
        }
        if (condition instanceof Condition.Path path) {
            return "path " + Quoted.text(identity.path()) + " is at or below " + Quoted.text(path.prefix() + "/");
        }
        if (condition instanceof Condition.Method) {
            return "the method is " + Quoted.text(identity.method());
        }
        return "it matches nobody";
    }
}
