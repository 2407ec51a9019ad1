// SPDX-License-Identifier: Apache-2.0
// The classic format: what it means, and how it is refused.
package io.github.tomcatselinux.mapping;

import static io.github.tomcatselinux.mapping.Maps.anonymous;
import static io.github.tomcatselinux.mapping.Maps.classic;
import static io.github.tomcatselinux.mapping.Maps.client;
import static io.github.tomcatselinux.mapping.Maps.show;
import static io.github.tomcatselinux.mapping.Maps.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassicFormatTest {
    @Test
    void theFirstRuleThatHoldsDecides() throws MappingException {
        RuleSet rules = classic("kaigai a_t:s0", "kaigai b_t:s0", "* c_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("kaigai"))));
        assertEquals("3 c_t:s0", show(rules.decide(user("himainu"))));
    }

    @Test
    void namesAreComparedExactlyAndInTheirCase() throws MappingException {
        RuleSet rules = classic("kaigai a_t:s0");
        assertEquals("none", show(rules.decide(user("Kaigai"))));
        assertEquals("none", show(rules.decide(user("kaigai "))));
    }

    @Test
    void namesAreNotNormalised() throws MappingException {
        RuleSet rules = classic("Ren\u00e9 a_t:s0", "Rene\u0301 b_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("Ren\u00e9"))));
        assertEquals("2 b_t:s0", show(rules.decide(user("Rene\u0301"))));
    }

    @Test
    void aNegatedUserOrRoleStillNeedsAnAuthenticatedRequest() throws MappingException {
        RuleSet rules = classic("!guest a_t:s0", "!@staff b_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("alice"))));
        assertEquals("2 b_t:s0", show(rules.decide(user("guest"))));
        assertEquals("none", show(rules.decide(user("guest", "staff"))));
        assertEquals("none", show(rules.decide(anonymous())));
    }

    @Test
    void aNegatedNetworkMatchesEveryOtherAddressButNotARequestWithoutOne() throws MappingException {
        RuleSet rules = classic("!192.168.2.0/24 a_t:s0", "192.168.2.0/24 b_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(client("10.0.0.1"))));
        assertEquals("1 a_t:s0", show(rules.decide(client("::1"))));
        assertEquals("2 b_t:s0", show(rules.decide(client("::ffff:192.168.2.7"))));
        assertEquals("none", show(rules.decide(client("unknown"))));
        assertEquals("none", show(rules.decide(anonymous())));
    }

    @Test
    void rolesMatchOnlyThoseWhoHoldThem() throws MappingException {
        RuleSet rules = classic("@manager a_t:s0", "role:\"night shift\" b_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("alice", "x", "manager"))));
        assertEquals("2 b_t:s0", show(rules.decide(user("alice", "night shift"))));
        assertEquals("none", show(rules.decide(user("manager"))));
    }

    @Test
    void rolesOfAnonymousRequestsAreNeverAsked() throws MappingException {
        RuleSet rules = classic("@manager a_t:s0", "!@manager b_t:s0");
        Identity identity = Identity.builder()
                .roles(role -> {
                    throw new IllegalStateException("asked for " + role);
                })
                .build();
        assertEquals("none", show(rules.decide(identity)));
    }

    @Test
    void anonymousAndEverybodyAreWords() throws MappingException {
        RuleSet rules = classic("__anonymous__ a_t:s0", "!__anonymous__ b_t:s0", "* c_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(anonymous())));
        assertEquals("2 b_t:s0", show(rules.decide(user("alice"))));
        RuleSet quoted = classic("\"__anonymous__\" a_t:s0", "\"*\" b_t:s0", "user:* c_t:s0", "user:@x d_t:s0");
        assertEquals("none", show(quoted.decide(anonymous())));
        assertEquals("1 a_t:s0", show(quoted.decide(user("__anonymous__"))));
        assertEquals("2 b_t:s0", show(quoted.decide(user("*"))));
        assertEquals("4 d_t:s0", show(quoted.decide(user("@x"))));
    }

    @Test
    void aPrefixSaysWhatALiteralIs() throws MappingException {
        RuleSet rules = classic("user:10.0.0.1 a_t:s0", "net:10.0.0.1 b_t:s0", "!net:10.0.0.0/8 c_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("10.0.0.1"))));
        assertEquals("2 b_t:s0", show(rules.decide(client("10.0.0.1"))));
        assertEquals("3 c_t:s0", show(rules.decide(client("11.0.0.1"))));
    }

    @Test
    void quotesHoldSpacesNumberSignsAndEscapes() throws MappingException {
        RuleSet rules = classic(
                "\"Alice Liddell\" a_t:s0",
                "!\"b#c\" \"*:Company Secret\" # comment",
                "\"say \\\"hi\\\" \\\\ \\u00e9\" c_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("Alice Liddell"))));
        assertEquals("2 *:Company Secret", show(rules.decide(user("x"))));
        assertEquals(
                new Condition.User("say \"hi\" \\ \u00e9"), rules.rules().get(2).condition());
    }

    @Test
    void kerberosAndWindowsNamesNeedNoQuotes() throws MappingException {
        RuleSet rules =
                classic("alice/admin@EXAMPLE.ORG a_t:s0", "EXAMPLE\\bob b_t:s0", "o\"brien c_t:s0", "12345 d_t:s0");
        assertEquals("1 a_t:s0", show(rules.decide(user("alice/admin@EXAMPLE.ORG"))));
        assertEquals("2 b_t:s0", show(rules.decide(user("EXAMPLE\\bob"))));
        assertEquals("3 c_t:s0", show(rules.decide(user("o\"brien"))));
        assertEquals("4 d_t:s0", show(rules.decide(user("12345"))));
    }

    @Test
    void filesOfTheOriginalLoadUnchanged() throws MappingException {
        RuleSet rules = classic(
                "#",
                "# Apache/SELinux plug-in configuration",
                "",
                "foo                   user_webapp_t:s0:c0",
                "  bar\t\tuser_webapp_t:s0:c1#glued",
                "baz \\",
                "      user_webapp_t:s0:c2",
                "__anonymous__\t\tanon_webapp_t:s0   ",
                "qux domain_only_t",
                "*\t*:s0:c9");
        assertEquals("4 user_webapp_t:s0:c0", show(rules.decide(user("foo"))));
        assertEquals("5 user_webapp_t:s0:c1", show(rules.decide(user("bar"))));
        assertEquals("6 user_webapp_t:s0:c2", show(rules.decide(user("baz"))));
        assertEquals("8 anon_webapp_t:s0", show(rules.decide(anonymous())));
        assertEquals("9 domain_only_t:*", show(rules.decide(user("qux"))));
        assertEquals("10 *:s0:c9", show(rules.decide(user("other"))));
    }

    @Test
    void aCommentThatEndsInABackslashSwallowsTheNextLineAsInTheOriginalAndSaysSo() throws MappingException {
        RuleSet rules = classic("# C:\\", "alice a_t:s0", "* b_t:s0");
        assertEquals("3 b_t:s0", show(rules.decide(user("alice"))));
        assertEquals(List.of("selinux.map:1"), Maps.places(rules.warnings()));
    }

    @Test
    void windowsLineEndsAndAByteOrderMarkAreNoPartOfARule() throws MappingException {
        byte[] content = "\ufeffalice a_t:s0\r\n\r\n# x\r\n* b_t:s0".getBytes(StandardCharsets.UTF_8);
        RuleSet rules = Mappings.parse("m", content);
        assertEquals("1 a_t:s0", show(rules.decide(user("alice"))));
        assertEquals("4 b_t:s0", show(rules.decide(anonymous())));
    }

    @Test
    void specialTermsAreDecisions() throws MappingException {
        RuleSet rules = classic("a @principal", "b @login", "c @unchanged", "d @deny");
        assertEquals("1 @principal", show(rules.decide(user("a"))));
        assertEquals("2 @login", show(rules.decide(user("b"))));
        assertEquals("3 @unchanged", show(rules.decide(user("c"))));
        assertEquals("4 @deny", show(rules.decide(user("d"))));
        assertTrue(rules.contexts().isEmpty());
    }

    @Test
    void everyErrorOfAFileIsReportedAtOnceWithItsPlace() {
        MappingException e = assertThrows(
                MappingException.class,
                () -> classic(
                        "alice a_t:s0:c1024", "# fine", "bob", "   10.0.0.0/33 a_t:s0", "ok b_t:s0", "x y_t:s0 z"));
        assertEquals(
                List.of("selinux.map:1:14", "selinux.map:3:4", "selinux.map:4:4", "selinux.map:6:10"),
                Maps.places(e.findings()));
        assertEquals(4, e.getMessage().lines().count());
    }

    @Test
    void anEmptyFileHoldsNoRule() throws MappingException {
        assertEquals("none", show(Mappings.parse("m", new byte[0]).decide(anonymous())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "! guest a_t:s0 | 1 | nothing behind \"!\"",
                "!!guest a_t:s0 | 2 | negation is negated",
                "@!x a_t:s0 | 1 | \"!@\"",
                "!* a_t:s0 | 1 | match nobody",
                "@ a_t:s0 | 1 | no name behind \"@\"",
                "user: a_t:s0 | 1 | no name behind \"user:\"",
                "\"\" a_t:s0 | 1 | name is empty",
                "\"abc a_t:s0 | 1 | not closed",
                "\"abc\"x a_t:s0 | 6 | glued",
                "\"a\\nb\" a_t:s0 | 3 | no such escape",
                "\"a\\u12\" a_t:s0 | 3 | no such escape",
                "\"a\\u0000\" a_t:s0 | 1 | NUL",
                "\"a\\ud800\" a_t:s0 | 1 | half a surrogate pair",
                "@* a_t:s0 | 1 | every user",
                "__Anonymous__ a_t:s0 | 1 | __anonymous__",
                "010.0.0.1 a_t:s0 | 1 | octal",
                "1.2.3 a_t:s0 | 1 | is not an address",
                "10.0.0.* a_t:s0 | 1 | CIDR",
                "fe80::1%eth0 a_t:s0 | 1 | write \"fe80::1\"",
                "rol:admin a_t:s0 | 1 | user:\"rol:admin\"",
                "alice @denied | 7 | @deny",
                "alice *: | 9 | no range",
                "alice :s0 | 7 | no domain",
                "alice a_t:s0:c5.c2 | 14 | does not go upwards",
                "alice a_t:s0 b_t:s0 | 14 | more than",
            })
    void refusesALineAndSaysWhy(String line, int column, String part) {
        MappingException e = assertThrows(MappingException.class, () -> classic(line));
        MappingFinding finding = e.findings().get(0);
        assertEquals(column, finding.column(), finding.toString());
        assertTrue(finding.toString().contains(part), finding.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\u200bb", "a\u00a0b", "a\u001bb", "a\rb", "a\u202eb", "a\ufeffb", "\u2028"})
    void refusesCharactersThatNobodySees(String name) {
        MappingException e = assertThrows(MappingException.class, () -> classic(name + " x_t:s0"));
        assertTrue(e.getMessage().contains("U+"), e.getMessage());
    }

    @Test
    void refusesBytesThatAreNotUtf8WithTheirPlace() {
        byte[] surrogate = {'o', 'k', ' ', 'a', '_', 't', '\n', 'a', (byte) 0xed, (byte) 0xa0, (byte) 0x80, ' ', 'b'};
        MappingException e = assertThrows(MappingException.class, () -> Mappings.parse("m", surrogate));
        assertEquals("m:2:2", e.findings().get(0).location());
        byte[] utf16 = "\ufeffalice a_t".getBytes(StandardCharsets.UTF_16LE);
        assertTrue(assertThrows(MappingException.class, () -> Mappings.parse("m", utf16))
                .getMessage()
                .contains("UTF-16"));
    }

    @Test
    void columnsCountCharactersNotUtf16Units() {
        MappingException e =
                assertThrows(MappingException.class, () -> classic("\ud83d\ude00\ud83d\ude00 a_t:s0:c5.c2"));
        assertEquals(11, e.findings().get(0).column());
    }

    @Test
    void refusesALineThatIsTooLong() {
        MappingException e = assertThrows(MappingException.class, () -> classic("a".repeat(9000) + " a_t:s0"));
        assertTrue(e.getMessage().contains("9007 bytes"), e.getMessage());
    }

    @Test
    void manyErrorsAreCountedRatherThanKept() {
        MappingException e = assertThrows(MappingException.class, () -> classic("x\n".repeat(5000)));
        assertEquals(1001, e.findings().size());
        assertTrue(e.getMessage().endsWith("4000 more of these are not shown"));
    }

    @Test
    void bitsBehindThePrefixAreAWarning() throws MappingException {
        RuleSet rules = classic("192.168.1.5/24 a_t:s0", "* b_t:s0-s0:c1");
        assertEquals("1 a_t:s0", show(rules.decide(client("192.168.1.200"))));
        assertEquals(List.of("selinux.map:1:1", "selinux.map:2:1"), Maps.places(rules.warnings()));
    }

    @Test
    void listsEachContextOnce() throws MappingException, ContextException {
        RuleSet rules = classic("a a_t:s0", "b a_t:s0-s0", "c *:s0:c1", "d @deny");
        assertEquals(
                List.of(ContextTemplate.parse("a_t:s0"), ContextTemplate.parse("*:s0:c1")),
                List.copyOf(rules.contexts()));
    }
}
