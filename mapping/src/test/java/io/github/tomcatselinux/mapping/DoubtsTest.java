// SPDX-License-Identifier: Apache-2.0
// Warnings: never a false one, and for the classic format never one too few.
package io.github.tomcatselinux.mapping;

import static io.github.tomcatselinux.mapping.Maps.classic;
import static io.github.tomcatselinux.mapping.Maps.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoubtsTest {
    private static final int SEEDS = Integer.getInteger("mapping.seeds", 6000);

    private static String warnings(RuleSet rules) {
        return rules.warnings().stream().map(MappingFinding::toString).collect(Collectors.joining("\n"));
    }

    private static Set<Integer> undecidingLines(RuleSet rules) {
        return rules.warnings().stream()
                .filter(finding -> finding.message().startsWith("this rule"))
                .map(MappingFinding::line)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "* a_t|alice b_t",
                "alice a_t|* b_t|bob c_t",
                "alice a_t|alice b_t",
                "!alice a_t|bob b_t",
                "!alice a_t|!alice b_t",
                "!alice a_t|!bob b_t|@r c_t",
                "!alice a_t|alice b_t|!@r c_t",
                "alice a_t|!alice b_t|@r c_t",
                "@r a_t|!@r b_t|bob c_t",
                "@r a_t|@r b_t",
                "!@r a_t|!@r b_t",
                "!__anonymous__ a_t|@r b_t",
                "__anonymous__ a_t|!__anonymous__ b_t|10.0.0.0/8 c_t",
                "__anonymous__ a_t|__anonymous__ b_t",
                "10.0.0.0/8 a_t|10.1.0.0/16 b_t",
                "10.0.0.0/9 a_t|10.128.0.0/9 b_t|10.0.0.0/8 c_t",
                "!10.0.0.0/8 a_t|192.168.0.0/16 b_t",
                "!10.0.0.0/8 a_t|2001:db8::/32 b_t",
                "!10.0.0.0/8 a_t|!192.168.0.0/16 b_t|10.1.1.1 c_t",
                "0.0.0.0/0 a_t|::/0 b_t|!10.0.0.0/8 c_t",
            })
    void findsTheLastRuleUnreachable(String file) throws MappingException {
        String[] lines = file.split("\\|");
        RuleSet rules = classic(lines);
        assertTrue(undecidingLines(rules).contains(lines.length), warnings(rules));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "!alice a_t|alice b_t",
                "!alice a_t|!bob b_t|__anonymous__ c_t",
                "alice a_t|@r b_t|!@r c_t",
                "!10.0.0.0/8 a_t|10.0.0.0/8 b_t|* c_t",
                "10.1.0.0/16 a_t|10.0.0.0/8 b_t",
                "0.0.0.0/0 a_t|::/0 b_t|alice c_t",
                "10.0.0.0/8 a_t|!10.0.0.0/8 b_t|bob c_t",
            })
    void leavesReachableRulesAlone(String file) throws MappingException {
        RuleSet rules = classic(file.split("\\|"));
        assertEquals(Set.of(), undecidingLines(rules), warnings(rules));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"all\":[{\"user\":\"a\"},{\"user\":\"b\"}]",
                "\"user\":\"a\",\"authenticated\":false",
                "\"not\":{\"role\":\"r\"},\"authenticated\":false",
                "\"not\":{\"everybody\":true}",
                "\"all\":[{\"network\":\"10.0.0.0/8\"},{\"network\":\"11.0.0.0/8\"}]",
                "\"network\":\"10.1.0.0/16\",\"not\":{\"network\":\"10.0.0.0/8\"}",
                "\"all\":[{\"path\":\"/a\"},{\"path\":\"/b\"}]",
                "\"path\":\"/a/b\",\"not\":{\"path\":\"/a\"}",
                "\"all\":[{\"host\":\"a.example\"},{\"host\":\"*.b.example\"}]",
                "\"all\":[{\"method\":\"GET\"},{\"method\":\"PUT\"}]",
                "\"role\":\"r\",\"not\":{\"role\":\"r\"}",
                "\"any\":[{\"user\":\"a\",\"not\":{\"user\":\"a\"}},{\"not\":{\"everybody\":true}}]",
            })
    void findsConditionsThatContradict(String condition) throws MappingException {
        RuleSet rules = json("{" + condition + ",\"context\":\"a_t\"}");
        assertTrue(warnings(rules).contains("can never match"), warnings(rules));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"user\":\"a\",\"path\":\"/x/y\"",
                "\"user\":\"a\",\"role\":\"r\",\"path\":\"/x\",\"method\":\"PUT\"",
                "\"any\":[{\"user\":\"a\",\"path\":\"/x\"},{\"user\":\"a\",\"path\":\"/x/z\"}]",
            })
    void findsAConjunctionThatAnEarlierOneImplies(String condition) throws MappingException {
        RuleSet rules = json(
                "{\"user\":[\"a\",\"b\"],\"path\":\"/x\",\"context\":\"a_t\"}",
                "{" + condition + ",\"context\":\"b_t\"}");
        assertEquals(Set.of(3), undecidingLines(rules), warnings(rules));
    }

    @Test
    void missesACatchAll() throws MappingException {
        assertTrue(warnings(classic("alice a_t")).contains("no rule behind this one matches everybody"));
        assertFalse(warnings(classic("alice a_t", "* @deny")).contains("everybody"));
        assertFalse(warnings(classic("__anonymous__ a_t", "!__anonymous__ b_t")).contains("everybody"));
        assertTrue(warnings(classic("# nothing")).contains("there are no rules"));
    }

    @Test
    void findsRangesOfOneDomainThatDominateEachOther() throws MappingException {
        String found = warnings(classic(
                "a x_t:s0:c1,c2",
                "b x_t:s0:c1",
                "c x_t:s0:c3,c4",
                "d x_t:s0",
                "e y_t:s0:c2",
                "f x_t:s0:c1",
                "* x_t:*"));
        assertEquals(1, found.lines().count(), found);
        assertTrue(
                found.startsWith("selinux.map:1:1: warning: range \"s0:c1,c2\" of domain x_t dominates \"s0:c1\""),
                found);
        assertTrue(warnings(classic("a x_t:s0:c0.c20", "* x_t:s0:c5,c7")).contains("dominates"));
        assertTrue(warnings(classic("a x_t:s1:c1", "* x_t:s0:c1")).contains("dominates"));
        assertFalse(warnings(classic("a x_t:s0:c1,c2", "b x_t:s0:c1,c3", "* x_t:s0:c2,c3"))
                .contains("dominates"));
    }

    @Test
    void warnsOfALoginThatNobodyHas() throws MappingException {
        assertTrue(warnings(classic("* @login")).contains("has no login"));
        assertFalse(warnings(classic("!guest @login", "* @deny")).contains("has no login"));
    }

    @Test
    void warnsOfNamesThatAreNotNormalised() throws MappingException {
        assertTrue(warnings(classic("Rene\u0301 a_t", "* @deny")).contains("normal form C"));
        assertFalse(warnings(classic("Ren\u00e9 a_t", "* @deny")).contains("normal form C"));
    }

    @Test
    void noRuleThatDecidesIsEverCalledUnreachable() throws MappingException {
        for (long seed = 1; seed <= SEEDS; seed++) {
            RandomRules random = new RandomRules(seed);
            List<Rule> generated = random.rules(random.upTo(9), false);
            RuleSet rules = Mappings.parse("m.json", JsonWriter.file(generated).getBytes(StandardCharsets.UTF_8));
            Set<Integer> undeciding = undecidingLines(rules);
            for (int i = 0; i < 60; i++) {
                Identity identity = random.identity();
                int line = Maps.rule(rules.decide(identity)).map(Rule::line).orElse(0);
                if (undeciding.contains(line)) {
                    fail("seed " + seed + " " + identity + "\n" + JsonWriter.file(generated) + warnings(rules));
                }
            }
        }
    }

    @Test
    void inTheClassicFormatEveryUnreachableRuleIsFound() throws MappingException {
        int unreachable = 0;
        for (long seed = 1; seed <= SEEDS / 4; seed++) {
            RandomRules random = new RandomRules(seed);
            List<Rule> generated = new ArrayList<>();
            for (Rule rule : random.rules(3 + random.upTo(7), true)) {
                if (!rule.condition().toString().contains("Role") || generated.size() < 6) {
                    generated.add(rule);
                }
            }
            StringBuilder text = new StringBuilder();
            generated.forEach(rule ->
                    text.append(ClassicWriter.lines(rule).orElseThrow().get(0)).append('\n'));
            RuleSet rules = Mappings.parse("m.map", text.toString().getBytes(StandardCharsets.UTF_8));
            BitSet deciding = new BitSet();
            everyRequest(generated)
                    .forEach(
                            identity -> Maps.rule(rules.decide(identity)).ifPresent(rule -> deciding.set(rule.line())));
            Set<Integer> found = undecidingLines(rules);
            unreachable += found.size();
            for (int line = 1; line <= generated.size(); line++) {
                assertEquals(!deciding.get(line), found.contains(line), "seed " + seed + " line " + line + "\n" + text);
            }
        }
        assertTrue(unreachable > SEEDS / 6, "only " + unreachable + " unreachable rules were generated");
    }

    /** One request of each kind that the rules can tell apart. */
    private static List<Identity> everyRequest(List<Rule> rules) {
        Set<String> users = new LinkedHashSet<>(List.of("somebody else"));
        Set<String> roles = new LinkedHashSet<>();
        Set<IpAddress> addresses = new LinkedHashSet<>(List.of(new IpAddress(true, 0, 1), new IpAddress(false, 7, 7)));
        for (Rule rule : rules) {
            Condition condition = rule.condition() instanceof Condition.Not not ? not.condition() : rule.condition();
            if (condition instanceof Condition.User user) {
                users.add(user.name());
            } else if (condition instanceof Condition.Role role) {
                roles.add(role.name());
            } else if (condition instanceof Condition.From from) {
                bordersOf(from.network(), addresses);
            }
        }
        List<Identity> all = new ArrayList<>();
        List<Identity.Builder> withAddress = new ArrayList<>();
        addresses.forEach(address -> withAddress.add(Identity.builder().address(address)));
        withAddress.add(Identity.builder());
        for (Identity.Builder builder : withAddress) {
            all.add(builder.build());
        }
        List<String> roleList = List.copyOf(roles);
        for (Identity.Builder builder : withAddress) {
            for (String user : users) {
                for (int held = 0; held < 1 << roleList.size(); held++) {
                    List<String> some = new ArrayList<>();
                    for (int i = 0; i < roleList.size(); i++) {
                        if ((held >> i & 1) != 0) {
                            some.add(roleList.get(i));
                        }
                    }
                    all.add(builder.user(user).roles(Roles.of(some)).build());
                }
            }
        }
        return all;
    }

    /** The first and the last address inside, and the ones next to them. */
    private static void bordersOf(Network network, Set<IpAddress> addresses) {
        IpAddress base = network.base();
        int hostBits = base.bits() - network.prefix();
        long low = hostBits >= 64 ? -1L : (1L << hostBits) - 1;
        long high = hostBits <= 64 ? 0 : hostBits == 128 ? -1L : (1L << (hostBits - 64)) - 1;
        for (long step = -1; step <= 1; step++) {
            addresses.add(neighbour(base.v4(), base.high(), base.low(), step));
            addresses.add(neighbour(base.v4(), base.high() | high, base.low() | low, step));
        }
    }

    private static IpAddress neighbour(boolean v4, long high, long low, long step) {
        long next = low + step;
        if (v4) {
            return new IpAddress(true, 0, next & 0xffffffffL);
        }
        long carry = step > 0 && next == 0 ? 1 : step < 0 && low == 0 ? -1 : 0;
        return IpAddress.of6(high + carry, next);
    }
}
