// SPDX-License-Identifier: Apache-2.0
// Finds the first rule that holds without reading the rules in order.
package io.github.tomcatselinux.mapping;

import java.util.BitSet;

/**
 * The compiled rules. Each part answers with the lowest rule that holds because of what it looks at; the lowest of all
 * is the first in the file. Built by {@link MatcherBuilder}; never changes.
 */
final class Matcher {
    private final Condition[] conditions;
    private final int everybody;
    private final int anonymous;
    private final int authenticated;
    private final KeyTable users;
    private final OtherUsers otherUsers;
    private final NetworkTable networks4;
    private final NetworkTable networks6;
    private final KeyTable hosts;
    private final KeyTable paths;
    private final KeyTable methods;
    private final Candidates always;
    private final RoleTable roles;

    /** The first two rules with different names of the form {@code !name}: one of them holds for whoever has a name. */
    record OtherUsers(int first, String name, int second) {
        int first(String user, int best) {
            return first >= best ? best : user.equals(name) ? Math.min(second, best) : first;
        }
    }

    Matcher(MatcherBuilder from) {
        conditions = from.conditions();
        everybody = from.everybody;
        anonymous = from.anonymous;
        authenticated = from.authenticated;
        users = KeyTable.of(from.users);
        otherUsers = from.otherUsers();
        networks4 = new NetworkTable(true, from.networks, from.otherNetworks);
        networks6 = new NetworkTable(false, from.networks, from.otherNetworks);
        hosts = KeyTable.of(from.hosts);
        paths = KeyTable.of(from.paths);
        methods = KeyTable.of(from.methods);
        always = from.always;
        roles = new RoleTable(from.roles, from.otherRoles);
    }

    /** The number of the first rule that holds, or {@link Candidates#NONE}. */
    int first(Identity identity) {
        int best = everybody;
        boolean named = identity.user().isPresent();
        if (named) {
            String user = identity.user().get();
            best = Math.min(best, authenticated);
            best = users.first(user, conditions, identity, best);
            best = otherUsers.first(user, best);
        } else {
            best = Math.min(best, anonymous);
        }
        if (identity.address().isPresent()) {
            IpAddress address = identity.address().get();
            NetworkTable networks = address.v4() ? networks4 : networks6;
            best = networks.first(address, conditions, identity, best);
        }
        if (!hosts.isEmpty() && !identity.host().isEmpty()) {
            best = hosts.first(identity.host(), conditions, identity, best);
        }
        if (!paths.isEmpty()) {
            best = firstByPath(identity, best);
        }
        if (!methods.isEmpty()) {
            best = methods.first(identity.method(), conditions, identity, best);
        }
        best = always.first(conditions, identity, best);
        return named ? roles.first(conditions, identity, best) : best;
    }

    /** The rules that decide for some address if nothing but bare networks is looked at. */
    BitSet decidingByAddress() {
        BitSet rules = new BitSet();
        networks4.collectDeciding(rules);
        networks6.collectDeciding(rules);
        return rules;
    }

    /** Looks up every prefix that ends at a segment border; their hashes are steps on the way to the whole path's. */
    private int firstByPath(Identity identity, int best) {
        String path = identity.path();
        if (!path.startsWith("/")) {
            return best;
        }
        int lowest = best;
        int hash = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                lowest = paths.first(hash, path, i, conditions, identity, lowest);
            }
            if (i < path.length()) {
                hash = 31 * hash + path.charAt(i);
            }
        }
        return lowest;
    }
}
