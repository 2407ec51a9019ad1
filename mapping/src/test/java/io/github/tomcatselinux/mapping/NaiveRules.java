// SPDX-License-Identifier: Apache-2.0
// The rules read one by one, as slowly and as plainly as can be.
package io.github.tomcatselinux.mapping;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The oracle. Shares with what it checks only the tree of conditions; {@link Optional#empty} is "unknown". */
final class NaiveRules {
    private NaiveRules() {}

    /** The number of the first rule that holds, or -1. */
    static int decide(List<Rule> rules, Identity identity) {
        for (int i = 0; i < rules.size(); i++) {
            if (holds(rules.get(i).condition(), identity).equals(Optional.of(true))) {
                return i;
            }
        }
        return -1;
    }

    static Optional<Boolean> holds(Condition condition, Identity identity) {
        if (condition instanceof Condition.Everybody) {
            return Optional.of(true);
        } else if (condition instanceof Condition.Authenticated who) {
            return Optional.of(who.expected() == identity.user().isPresent());
        } else if (condition instanceof Condition.User user) {
            return identity.user().map(name -> name.compareTo(user.name()) == 0);
        } else if (condition instanceof Condition.Role role) {
            return identity.user().map(name -> identity.roles().hasRole(role.name()));
        } else if (condition instanceof Condition.From from) {
            return identity.address().map(address -> inside(from.network(), address));
        } else if (condition instanceof Condition.Host host) {
            return identity.host().isEmpty() ? Optional.empty() : Optional.of(onHost(host.pattern(), identity.host()));
        } else if (condition instanceof Condition.Path path) {
            return Optional.of(below(path.prefix(), identity.path()));
        } else if (condition instanceof Condition.Method method) {
            return Optional.of(method.name().contentEquals(identity.method()));
        } else if (condition instanceof Condition.Not not) {
            return holds(not.condition(), identity).map(value -> !value);
        } else if (condition instanceof Condition.All all) {
            return dominant(all.conditions(), identity, false);
        } else {
            return dominant(((Condition.Any) condition).conditions(), identity, true);
        }
    }

    /** One part with the dominant value decides; else one unknown part makes the whole unknown. */
    private static Optional<Boolean> dominant(List<Condition> parts, Identity identity, boolean value) {
        boolean unknown = false;
        for (Condition part : parts) {
            Optional<Boolean> holds = holds(part, identity);
            if (holds.equals(Optional.of(value))) {
                return holds;
            }
            unknown |= holds.isEmpty();
        }
        return unknown ? Optional.empty() : Optional.of(!value);
    }

    private static boolean inside(Network network, IpAddress address) {
        if (network.base().v4() != address.v4()) {
            return false;
        }
        for (int bit = 0; bit < network.prefix(); bit++) {
            if (bit(network.base(), bit) != bit(address, bit)) {
                return false;
            }
        }
        return true;
    }

    /** A bit, counted from the front of the address. */
    private static long bit(IpAddress address, int bit) {
        int fromEnd = (address.v4() ? 31 : 127) - bit;
        return fromEnd >= 64 ? address.high() >> (fromEnd - 64) & 1 : address.low() >> fromEnd & 1;
    }

    private static boolean onHost(String pattern, String host) {
        if (!pattern.startsWith("*")) {
            return pattern.compareTo(host) == 0;
        }
        String parent = pattern.substring(2);
        return host.endsWith("." + parent) && !host.equals("." + parent);
    }

    private static boolean below(String prefix, String path) {
        if (!path.startsWith("/")) {
            return false;
        }
        if (prefix.isEmpty()) {
            return true;
        }
        String[] wanted = prefix.split("/", -1);
        String[] given = path.split("/", -1);
        return given.length >= wanted.length && Arrays.equals(wanted, Arrays.copyOf(given, wanted.length));
    }
}
