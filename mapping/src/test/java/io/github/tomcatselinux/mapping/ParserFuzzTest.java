// SPDX-License-Identifier: Apache-2.0
// Both parsers on bytes that nobody wrote.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A normal build replays the corpus beside this class's resources; {@code mvn -Pfuzz} searches for more. Whatever the
 * bytes are, a parser ends with rules or with findings, and rules survive being written and read again.
 */
class ParserFuzzTest {
    private static final List<Identity> REQUESTS = List.of(
            Maps.anonymous(),
            Maps.client("10.0.0.1"),
            Maps.client("2001:db8::1"),
            Maps.user("alice", "manager"),
            Identity.builder()
                    .user("bob")
                    .address("::1")
                    .host("a.example")
                    .path("/a/b")
                    .method("PUT")
                    .build());

    @FuzzTest(maxDuration = "60s")
    void classic(byte[] bytes) {
        parse("fuzz.map", bytes).ifPresent(rules -> {
            StringBuilder text = new StringBuilder();
            rules.rules()
                    .forEach(rule -> text.append(
                                    ClassicWriter.lines(rule).orElseThrow().get(0))
                            .append('\n'));
            compare(
                    rules,
                    parse("again.map", text.toString().getBytes(StandardCharsets.UTF_8))
                            .orElseThrow());
        });
    }

    @FuzzTest(maxDuration = "60s")
    void json(byte[] bytes) {
        parse("fuzz.json", bytes).ifPresent(rules -> {
            String text = JsonWriter.file(rules.rules());
            compare(
                    rules,
                    parse("again.json", text.getBytes(StandardCharsets.UTF_8)).orElseThrow());
        });
    }

    @FuzzTest(maxDuration = "1m")
    void context(byte[] bytes) throws ContextException {
        ContextTemplate context;
        try {
            context = ContextTemplate.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (ContextException e) {
            assertTrue(e.column() >= 1 && !e.problem().isEmpty());
            return;
        }
        assertEquals(context, ContextTemplate.parse(context.toString()));
    }

    /** A colon keeps the JDK from asking a name server. */
    @FuzzTest(maxDuration = "1m")
    void address(byte[] bytes) throws UnknownHostException {
        String literal = new String(bytes, StandardCharsets.ISO_8859_1);
        Optional<IpAddress> address = IpAddress.parse(literal);
        if (address.isPresent() && literal.indexOf(':') >= 0 && literal.indexOf('%') < 0) {
            byte[] expected = InetAddress.getByName(literal).getAddress();
            byte[] actual = InetAddress.getByName(address.get().toString()).getAddress();
            assertEquals(InetAddress.getByAddress(expected), InetAddress.getByAddress(actual));
        }
    }

    private static Optional<RuleSet> parse(String name, byte[] bytes) {
        try {
            return Optional.of(Mappings.parse(name, bytes));
        } catch (MappingException e) {
            assertFalse(e.findings().isEmpty());
            assertTrue(e.findings().stream().anyMatch(finding -> finding.severity() == Severity.ERROR));
            assertTrue(e.findings().stream().allMatch(finding -> finding.line() >= 0 && finding.column() >= 0));
            return Optional.empty();
        }
    }

    private static void compare(RuleSet rules, RuleSet again) {
        assertEquals(rules.rules().size(), again.rules().size());
        for (Identity request : REQUESTS) {
            int expected = NaiveRules.decide(rules.rules(), request);
            assertEquals(
                    expected, Maps.rule(rules.decide(request)).map(Rule::number).orElse(-1));
            assertEquals(
                    expected, Maps.rule(again.decide(request)).map(Rule::number).orElse(-1));
        }
        for (int i = 0; i < rules.rules().size(); i++) {
            assertEquals(rules.rules().get(i).target(), again.rules().get(i).target());
        }
    }
}
