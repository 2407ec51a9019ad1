// SPDX-License-Identifier: Apache-2.0
// The compiled rules against the naive ones, two million times.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Each case goes the whole way: rules are generated, written in a file format, read back, compiled and asked. Repeat a
 * failure with {@code -Dmapping.seed=N}; ask for more with {@code -Dmapping.cases=N}.
 */
class OracleTest {
    private static final long SEED = Long.getLong("mapping.seed", 20260101);
    private static final int CASES = Integer.getInteger("mapping.cases", 2_000_000);
    private static final int REQUESTS = 40;

    @Test
    void compiledRulesDecideAsReadingThemInOrderDoes() throws MappingException {
        long seed = SEED;
        int cases = 0;
        while (cases < CASES) {
            RandomRules random = new RandomRules(seed);
            boolean large = seed % 499 == 0;
            boolean classic = seed % 2 == 0;
            List<Rule> rules = random.rules(large ? 400 : random.upTo(12), classic);
            cases += check(seed, rules, random, classic, large ? 1000 : REQUESTS);
            seed++;
        }
        System.out.println("[oracle] " + cases + " cases, seeds " + SEED + " to " + (seed - 1) + ", all equal");
        assertTrue(cases >= CASES);
    }

    private static int check(long seed, List<Rule> rules, RandomRules random, boolean classic, int requests)
            throws MappingException {
        RuleSet read = read(rules, classic);
        for (int i = 0; i < requests; i++) {
            Identity identity = random.identity();
            int expected = NaiveRules.decide(rules, identity);
            if (expected != number(read, identity)) {
                fail(report(seed, shrink(rules, identity, classic), identity, classic));
            }
        }
        return requests;
    }

    private static RuleSet read(List<Rule> rules, boolean classic) throws MappingException {
        String text = classic ? classic(rules) : JsonWriter.file(rules);
        RuleSet read = Mappings.parse(classic ? "random.map" : "random.json", text.getBytes(StandardCharsets.UTF_8));
        assertEquals(rules.size(), read.rules().size());
        return read;
    }

    private static String classic(List<Rule> rules) {
        StringBuilder text = new StringBuilder();
        for (Rule rule : rules) {
            text.append(String.join("\n", ClassicWriter.lines(rule).orElseThrow()))
                    .append('\n');
        }
        return text.toString();
    }

    private static int number(RuleSet rules, Identity identity) {
        Decision decision = rules.decide(identity);
        return Maps.rule(decision).map(Rule::number).orElse(-1);
    }

    /** Leaves out one rule after the other, as long as the answers still differ. */
    private static List<Rule> shrink(List<Rule> rules, Identity identity, boolean classic) throws MappingException {
        List<Rule> least = rules;
        for (int left = rules.size() - 1; left >= 0; left--) {
            List<Rule> fewer = new ArrayList<>();
            for (Rule rule : least) {
                if (rule.number() != left) {
                    int number = fewer.size();
                    fewer.add(new Rule(number, "random", number + 1, 1, "", rule.condition(), rule.target()));
                }
            }
            if (NaiveRules.decide(fewer, identity) != number(read(fewer, classic), identity)) {
                least = fewer;
            }
        }
        return least;
    }

    private static String report(long seed, List<Rule> rules, Identity identity, boolean classic)
            throws MappingException {
        return "seed " + seed + ", " + identity + "\n"
                + (classic ? classic(rules) : JsonWriter.file(rules))
                + "read in order: rule " + NaiveRules.decide(rules, identity) + ", compiled: rule "
                + number(read(rules, classic), identity);
    }

    /** So many networks, spread so widely, that they are found through the index of first halves. */
    @Test
    void manyScatteredNetworksDecideAsReadingThemInOrderDoes() throws MappingException {
        for (long seed = SEED; seed < SEED + 3; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Rule> rules = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                IpAddress base = scattered(random);
                int longest = base.v4() ? 32 : 128;
                Network network = new Network(base, 1 + random.nextInt(longest));
                Condition from = new Condition.From(network);
                Condition condition = random.nextInt(300) == 0 ? new Condition.Not(from) : from;
                rules.add(new Rule(i, "random", i + 1, 1, "", condition, SpecialTerm.DENY));
            }
            RuleSet read = read(rules, true);
            for (int i = 0; i < 3000; i++) {
                IpAddress near = random.nextBoolean() ? scattered(random) : border(rules, random);
                Identity identity = Identity.builder().address(near).build();
                if (NaiveRules.decide(rules, identity) != number(read, identity)) {
                    fail(report(seed, shrink(rules, identity, true), identity, true));
                }
            }
        }
    }

    private static IpAddress scattered(SplittableRandom random) {
        return random.nextBoolean()
                ? new IpAddress(true, 0, random.nextLong() >>> 32)
                : IpAddress.of6(0x2000000000000000L | random.nextLong() >>> 4, random.nextLong());
    }

    /** The first address of one of the networks, or the one before it. */
    private static IpAddress border(List<Rule> rules, SplittableRandom random) {
        Condition condition = rules.get(random.nextInt(rules.size())).condition();
        Condition from = condition instanceof Condition.Not not ? not.condition() : condition;
        IpAddress base = ((Condition.From) from).network().base();
        long low = base.low() - random.nextInt(2);
        return base.v4()
                ? new IpAddress(true, 0, low & 0xffffffffL)
                : new IpAddress(false, base.low() == 0 && low == -1 ? base.high() - 1 : base.high(), low);
    }

    @Test
    void aRuleSetSurvivesBothFormats() throws MappingException {
        for (long seed = SEED; seed < SEED + 2000; seed++) {
            List<Rule> rules = new RandomRules(seed).rules(8, true);
            List<Rule> classic = read(rules, true).rules();
            List<Rule> json = read(rules, false).rules();
            for (int i = 0; i < rules.size(); i++) {
                assertEquals(rules.get(i).condition(), classic.get(i).condition());
                assertEquals(rules.get(i).target(), classic.get(i).target());
                assertEquals(rules.get(i).condition(), json.get(i).condition());
                assertEquals(rules.get(i).target(), json.get(i).target());
            }
        }
    }
}
