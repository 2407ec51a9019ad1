// SPDX-License-Identifier: Apache-2.0
// Rules and requests from a world so small that they keep meeting.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Generates from a seed; the same seed gives the same rules and the same requests. */
final class RandomRules {
    private static final List<String> USERS = List.of(
            "alice",
            "bob",
            "carol",
            "dave",
            "*",
            "10.0.0.1",
            "@alice",
            "!bob",
            "a b",
            "a#b",
            "a\"b\\",
            "::1",
            "x:y",
            "__anonymous__",
            "Ren\u00e9",
            "Rene\u0301",
            "\ud83d\ude00",
            "user:bob",
            "\u200b",
            "t\tb",
            "AaAa",
            "BBBB");
    private static final List<String> ROLES = List.of("r0", "r1", "r2", "r3", "r 4", "!r5", "\"r6", "AaBB", "BBAa");
    private static final List<String> HOSTS =
            List.of("a.example", "b.example", "x.a.example", "y.x.a.example", "example", "[2001:db8::1]");
    private static final List<String> PATTERNS = List.of("*.example", "*.a.example", "*.x.a.example");
    private static final List<String> SEGMENTS = List.of("a", "b", "ab", "AaAa", "BBBB", "a b", "\u00e9");
    private static final List<String> METHODS = List.of("GET", "PUT", "get", "PROPFIND");
    private static final List<Target> TARGETS = List.of(
            SpecialTerm.DENY,
            SpecialTerm.UNCHANGED,
            SpecialTerm.LOGIN,
            SpecialTerm.PRINCIPAL,
            Maps.context("a_t:s0:c1"),
            Maps.context("*:s0:c2"),
            Maps.context("b_t:*"),
            Maps.context("*:Company Secret"));

    private final SplittableRandom random;

    RandomRules(long seed) {
        random = new SplittableRandom(seed);
    }

    int upTo(int most) {
        return random.nextInt(most + 1);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    List<Rule> rules(int count, boolean classic) {
        List<Rule> rules = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Condition condition = classic ? classic() : condition(3);
            rules.add(new Rule(i, "random", i + 1, 1, "", condition, one(TARGETS)));
        }
        return rules;
    }

    /** What one line of a classic file can say. */
    private Condition classic() {
        int kind = random.nextInt(20);
        if (kind == 0) {
            return new Condition.Authenticated(random.nextBoolean());
        }
        if (kind == 1 && random.nextInt(8) == 0) {
            return new Condition.Everybody();
        }
        Condition literal = switch (random.nextInt(3)) {
            case 0 -> new Condition.User(one(USERS));
            case 1 -> new Condition.Role(one(ROLES));
            default -> new Condition.From(network());
        };
        return random.nextInt(6) == 0 ? new Condition.Not(literal) : literal;
    }

    private Condition condition(int depth) {
        int kind = random.nextInt(depth > 0 ? 18 : 11);
        return switch (kind) {
            case 0, 1 -> new Condition.User(one(USERS));
            case 2, 3 -> new Condition.Role(one(ROLES));
            case 4, 5 -> new Condition.From(network());
            case 6 -> new Condition.Host(random.nextInt(3) == 0 ? one(PATTERNS) : one(HOSTS));
            case 7, 8 -> new Condition.Path(path(2));
            case 9 -> new Condition.Method(one(METHODS));
            case 10 ->
                random.nextInt(4) == 0 ? new Condition.Everybody() : new Condition.Authenticated(random.nextBoolean());
            case 11, 12, 13 -> new Condition.All(conditions(depth - 1));
            case 14, 15 -> new Condition.Any(conditions(depth - 1));
            default -> new Condition.Not(condition(depth - 1));
        };
    }

    private List<Condition> conditions(int depth) {
        int count = 2 + random.nextInt(2);
        List<Condition> conditions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            conditions.add(condition(depth));
        }
        return conditions;
    }

    private String path(int most) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            path.append('/').append(one(SEGMENTS));
        }
        return path.toString();
    }

    private Network network() {
        IpAddress base = address();
        int most = base.bits();
        int prefix = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> most;
            case 2 -> random.nextInt(most + 1);
            default -> most - random.nextInt(6);
        };
        return new Network(base, prefix);
    }

    /** Addresses that differ in few bits, at the front, in the middle and at the end. */
    private IpAddress address() {
        if (random.nextBoolean()) {
            long front = random.nextInt(3) == 0 ? 0xffL << 24 : 10L << 24;
            return new IpAddress(true, 0, front | (long) random.nextInt(2) << 16 | random.nextInt(24));
        }
        long high = random.nextInt(3) == 0 ? -1L : 0x20010db800000000L | random.nextInt(3);
        long low =
                random.nextInt(3) == 0 ? -1L - random.nextInt(3) : (long) random.nextInt(3) << 63 | random.nextInt(9);
        return IpAddress.of6(high, low);
    }

    Identity identity() {
        Identity.Builder builder = Identity.builder();
        if (random.nextInt(4) > 0) {
            builder.user(one(USERS)).roles(roles());
        }
        if (random.nextInt(5) > 0) {
            builder.address(address());
        }
        if (random.nextInt(5) > 0) {
            builder.host(one(HOSTS));
        }
        String path = path(3);
        builder.path(random.nextInt(12) == 0 ? "*" : path.isEmpty() || random.nextInt(4) == 0 ? path + "/" : path);
        return builder.method(one(METHODS)).build();
    }

    private Roles roles() {
        List<String> held = new ArrayList<>();
        for (String role : ROLES) {
            if (random.nextInt(3) == 0) {
                held.add(role);
            }
        }
        Roles listed = Roles.of(held);
        return random.nextBoolean() ? listed : Roles.asking(listed::hasRole);
    }
}
