// SPDX-License-Identifier: Apache-2.0
// Files each rule under what a request must have for it to hold.
package io.github.tomcatselinux.mapping;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes the rules apart for {@link Matcher}; lives only while it is built. */
final class MatcherBuilder {
    int everybody = Candidates.NONE;
    int anonymous = Candidates.NONE;
    int authenticated = Candidates.NONE;
    final Map<String, Candidates> users = new HashMap<>();
    final Map<String, Candidates> roles = new HashMap<>();
    final Map<String, Integer> otherRoles = new HashMap<>();
    final Map<Network, Candidates> networks = new HashMap<>();
    final Map<Network, Integer> otherNetworks = new HashMap<>();
    final Map<String, Candidates> hosts = new HashMap<>();
    final Map<String, Candidates> paths = new HashMap<>();
    final Map<String, Candidates> methods = new HashMap<>();
    /** Rules that no key leads to. */
    final Candidates always = new Candidates();

    private final Cover cover = new Cover();
    private final Condition[] conditions;
    private int firstOther = Candidates.NONE;
    private String firstOtherName = "";
    private int secondOther = Candidates.NONE;

    private MatcherBuilder(List<Rule> rules) {
        conditions = new Condition[rules.size()];
        for (Rule rule : rules) {
            conditions[rule.number()] = Conditions.normal(rule.condition());
        }
        if (rules.stream().anyMatch(rule -> isCompound(rule.condition()))) {
            for (Condition condition : conditions) {
                cover.count(condition);
            }
        }
    }

    private static boolean isCompound(Condition condition) {
        return condition instanceof Condition.All
                || condition instanceof Condition.Any
                || (condition instanceof Condition.Not not && isCompound(not.condition()));
    }

    static Matcher build(List<Rule> rules) {
        MatcherBuilder builder = new MatcherBuilder(rules);
        for (int rule = 0; rule < builder.conditions.length; rule++) {
            builder.file(rule, builder.conditions[rule]);
        }
        return new Matcher(builder);
    }

    Condition[] conditions() {
        return conditions;
    }

    Matcher.OtherUsers otherUsers() {
        return new Matcher.OtherUsers(firstOther, firstOtherName, secondOther);
    }

    private void file(int rule, Condition condition) {
        if (condition instanceof Condition.Any any) {
            any.conditions().forEach(part -> file(rule, part));
        } else if (Cover.isKey(condition)) {
            candidates(condition).addUnconditional(rule);
        } else if (condition instanceof Condition.Everybody) {
            everybody = Math.min(everybody, rule);
        } else if (condition instanceof Condition.Authenticated who) {
            anonymous = who.expected() ? anonymous : Math.min(anonymous, rule);
            authenticated = who.expected() ? Math.min(authenticated, rule) : authenticated;
        } else if (condition instanceof Condition.Not not && not.condition() instanceof Condition.User user) {
            fileOtherUser(rule, user.name());
        } else if (condition instanceof Condition.Not not && not.condition() instanceof Condition.Role role) {
            otherRoles.merge(role.name(), rule, Math::min);
        } else if (condition instanceof Condition.Not not && not.condition() instanceof Condition.From from) {
            otherNetworks.merge(from.network(), rule, Math::min);
        } else {
            fileConjunction(rule, condition);
        }
    }

    private void fileOtherUser(int rule, String name) {
        if (firstOther == Candidates.NONE) {
            firstOther = rule;
            firstOtherName = name;
        } else if (secondOther == Candidates.NONE && !name.equals(firstOtherName)) {
            secondOther = rule;
        }
    }

    private void fileConjunction(int rule, Condition condition) {
        Optional<List<Condition>> keys = cover.of(condition);
        if (keys.isEmpty()) {
            always.addConditional(rule);
        } else {
            keys.get().forEach(key -> candidates(key).addConditional(rule));
        }
    }

    private Candidates candidates(Condition key) {
        if (key instanceof Condition.User user) {
            return users.computeIfAbsent(user.name(), name -> new Candidates());
        }
        if (key instanceof Condition.Role role) {
            return roles.computeIfAbsent(role.name(), name -> new Candidates());
        }
        if (key instanceof Condition.From from) {
            return networks.computeIfAbsent(from.network(), network -> new Candidates());
        }
        if (key instanceof Condition.Host host) {
            return hosts.computeIfAbsent(host.pattern(), name -> new Candidates());
        }
        if (key instanceof Condition.Path path) {
            return paths.computeIfAbsent(path.prefix(), prefix -> new Candidates());
        }
        return methods.computeIfAbsent(((Condition.Method) key).name(), name -> new Candidates());
    }
}
