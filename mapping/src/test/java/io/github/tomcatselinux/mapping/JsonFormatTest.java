// SPDX-License-Identifier: Apache-2.0
// The JSON form: conditions that hold together, and how it is refused.
package io.github.tomcatselinux.mapping;

import static io.github.tomcatselinux.mapping.Maps.anonymous;
import static io.github.tomcatselinux.mapping.Maps.client;
import static io.github.tomcatselinux.mapping.Maps.json;
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

class JsonFormatTest {
    private static RuleSet parse(String text) throws MappingException {
        return Mappings.parse("selinux.json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void conditionsInOneObjectHoldTogether() throws MappingException {
        RuleSet rules = json(
                "{\"role\": \"manager\", \"network\": \"10.0.0.0/8\", \"context\": \"a_t:s0:c1\"}",
                "{\"role\": \"manager\", \"context\": \"b_t:s0\"}",
                "{\"everybody\": true, \"context\": \"@deny\"}");
        Identity inside = Identity.builder()
                .user("alice")
                .roles(Roles.of(List.of("manager")))
                .address("10.1.2.3")
                .build();
        assertEquals("2 a_t:s0:c1", show(rules.decide(inside)));
        assertEquals("3 b_t:s0", show(rules.decide(user("alice", "manager"))));
        assertEquals("4 @deny", show(rules.decide(client("10.1.2.3"))));
    }

    @Test
    void anArrayMeansOneOfSeveral() throws MappingException {
        RuleSet rules = json(
                "{\"user\": [\"alice\", \"bob\"], \"method\": [\"GET\", \"HEAD\"], \"context\": \"a_t\"}",
                "{\"any\": [{\"user\": \"carol\"}, {\"network\": \"::1\"}], \"context\": \"b_t\"}",
                "{\"all\": [{\"not\": {\"user\": \"dave\"}}, {\"not\": {\"user\": \"eve\"}}], \"context\": \"c_t\"}");
        assertEquals("2 a_t:*", show(rules.decide(user("bob"))));
        assertEquals("3 b_t:*", show(rules.decide(user("carol"))));
        assertEquals("3 b_t:*", show(rules.decide(client("::1"))));
        assertEquals("4 c_t:*", show(rules.decide(user("frank"))));
        assertEquals("none", show(rules.decide(user("eve"))));
    }

    @Test
    void aPathStandsForEverythingBelowItOnSegmentBorders() throws MappingException {
        RuleSet rules = json("{\"path\": [\"/admin\", \"/a b/\"], \"context\": \"a_t\"}");
        for (String path : List.of("/admin", "/admin/", "/admin/x/y", "/a b", "/a b/c")) {
            assertEquals(
                    "2 a_t:*", show(rules.decide(Identity.builder().path(path).build())), path);
        }
        for (String path : List.of("/", "/administrator", "/x/admin", "/Admin", "*", "")) {
            assertEquals("none", show(rules.decide(Identity.builder().path(path).build())), path);
        }
        RuleSet root = json("{\"path\": \"/\", \"context\": \"a_t\"}");
        assertEquals("2 a_t:*", show(root.decide(anonymous())));
        assertEquals("none", show(root.decide(Identity.builder().path("*").build())));
    }

    @Test
    void hostsAreComparedWithoutCaseAndWithEverythingBelowADomain() throws MappingException {
        RuleSet rules = json(
                "{\"host\": \"WWW.Example.com\", \"context\": \"a_t\"}",
                "{\"host\": \"*.example.com\", \"context\": \"b_t\"}",
                "{\"not\": {\"host\": \"example.com\"}, \"context\": \"c_t\"}");
        assertEquals(
                "2 a_t:*",
                show(rules.decide(Identity.builder().host("www.example.COM").build())));
        assertEquals(
                "3 b_t:*",
                show(rules.decide(Identity.builder().host("a.b.example.com").build())));
        assertEquals(
                "4 c_t:*",
                show(rules.decide(Identity.builder().host("notexample.com").build())));
        assertEquals(
                "none", show(rules.decide(Identity.builder().host("example.com").build())));
        assertEquals("none", show(rules.decide(anonymous())));
    }

    @Test
    void negationOfWhatARequestLacksDoesNotHold() throws MappingException {
        RuleSet rules = json(
                "{\"not\": {\"user\": \"alice\", \"network\": \"10.0.0.0/8\"}, \"context\": \"a_t\"}",
                "{\"not\": {\"not\": {\"user\": \"alice\"}}, \"context\": \"b_t\"}");
        assertEquals("none", show(rules.decide(anonymous())));
        assertEquals("2 a_t:*", show(rules.decide(client("11.0.0.1"))));
        assertEquals("none", show(rules.decide(client("10.0.0.1"))));
        assertEquals("2 a_t:*", show(rules.decide(user("bob"))));
        assertEquals("3 b_t:*", show(rules.decide(user("alice"))));
    }

    @Test
    void aRuleKnowsItsLineAndItsText() throws MappingException {
        RuleSet rules =
                parse("{\"version\":1,\n \"rules\":[\n\n  { \"user\" :\n \"a  \\\"b\",\t\"context\": \"a_t\"\r\n}]}");
        Rule rule = rules.rules().get(0);
        assertEquals("selinux.json:4", rule.location());
        assertEquals(3, rule.column());
        assertEquals("{ \"user\" : \"a  \\\"b\", \"context\": \"a_t\" }", rule.source());
    }

    @Test
    void everyErrorIsReportedAtOnceWithItsPlace() {
        MappingException e = assertThrows(MappingException.class, () -> parse("""
                        {
                          "version": 2,
                          "rules": [
                            {"user": "", "context": "a_t"},
                            {"users": "bob", "context": "a_t:s0:c1024"},
                            {"context": "a_t"},
                            {"role": ["x", 7], "path": "/a/*"},
                            "x",
                            {"not": {}, "any": [], "context": "@nothing"}
                          ],
                          "rule": []
                        }
                        """));
        assertEquals(
                List.of(
                        "selinux.json:2:14",
                        "selinux.json:4:14",
                        "selinux.json:5:5",
                        "selinux.json:5:6",
                        "selinux.json:5:41",
                        "selinux.json:6:5",
                        "selinux.json:7:5",
                        "selinux.json:7:20",
                        "selinux.json:7:32",
                        "selinux.json:8:5",
                        "selinux.json:9:13",
                        "selinux.json:9:24",
                        "selinux.json:9:39",
                        "selinux.json:11:3"),
                sorted(e));
    }

    private static List<String> sorted(MappingException e) {
        return Maps.places(e.findings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"user\":\"a\",\"user\":\"b\",\"context\":\"a_t\"} | there twice",
                "{\"usr\":\"a\",\"context\":\"a_t\"} | did you mean \"user\"?",
                "{\"colour\":\"a\",\"context\":\"a_t\"} | the keys here are",
                "{\"everybody\":false,\"context\":\"a_t\"} | can only be true",
                "{\"authenticated\":\"yes\",\"context\":\"a_t\"} | neither true nor false",
                "{\"role\":\"**\",\"context\":\"a_t\"} | every user",
                "{\"network\":\"10.0.0.0/33\",\"context\":\"a_t\"} | prefix length",
                "{\"network\":\"localhost\",\"context\":\"a_t\"} | is not an address",
                "{\"host\":\"example.com:8080\",\"context\":\"a_t\"} | leave the port out",
                "{\"host\":\"b\u00fccher.example\",\"context\":\"a_t\"} | xn--",
                "{\"host\":\"a..b\",\"context\":\"a_t\"} | no host name",
                "{\"path\":\"admin\",\"context\":\"a_t\"} | begin with a slash",
                "{\"path\":\"/a/../b\",\"context\":\"a_t\"} | normalised",
                "{\"path\":\"/a//b\",\"context\":\"a_t\"} | normalised",
                "{\"path\":\"//\",\"context\":\"a_t\"} | normalised",
                "{\"method\":\"GET PUT\",\"context\":\"a_t\"} | no request method",
                "{\"user\":\"\\ud800\",\"context\":\"a_t\"} | half a surrogate pair",
                "{\"user\":\"a\\u0000\",\"context\":\"a_t\"} | NUL",
                "{\"user\":\"a\",\"context\":{}} | not a string",
                "{\"user\":null,\"context\":\"a_t\"} | not a string: found null",
                "{\"user\":{},\"context\":\"a_t\"} | not a string: found an object",
                "{\"user\":[[]],\"context\":\"a_t\"} | not a string: found an array",
                "{\"all\":\"x\",\"context\":\"a_t\"} | not an array: found \"x\"",
                "{\"not\":{\"context\":\"a_t\"},\"context\":\"a_t\"} | belongs to the rule",
                "{\"not\":\"a\",\"context\":\"a_t\"} | not an object",
                "{\"any\":{},\"context\":\"a_t\"} | not an array",
                "{\"user\":\"a\"} | has no \"context\"",
            })
    void refusesARuleAndSaysWhy(String rule, String part) {
        MappingException e = assertThrows(MappingException.class, () -> json(rule));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "null",
                "{}",
                "{",
                "{\"version\": 1}",
                "{\"version\": 1, \"rules\": {}}",
                "{\"version\": 1.0, \"rules\": []}",
                "{\"version\": 1, \"rules\": []} x",
                "{\"version\": 1, \"rules\": []}{}",
                "{\"version\": 1, \"rules\": [],}",
                "{\"version\": 1, \"rules\": [,]}",
                "{'version': 1, 'rules': []}",
                "// no\n{\"version\": 1, \"rules\": []}",
                "{\"version\": 1, \"rules\": [{\"user\": \"a\", \"context\": \"a_t\"}",
            })
    void refusesWhatIsNoFileOfRules(String text) {
        MappingException e = assertThrows(MappingException.class, () -> parse(text));
        assertTrue(e.getMessage().startsWith("selinux.json:"), e.getMessage());
    }

    @Test
    void depthIsLimitedAndCostsNoStack() {
        int depth = 10_000;
        String deep = "{\"not\":".repeat(depth) + "{\"user\":\"a\"}" + "}".repeat(depth);
        MappingException e = assertThrows(
                MappingException.class,
                () -> json("{\"not\":" + deep + ",\"context\":\"a_t\"}", "{\"user\":1,\"context\":\"a_t\"}"));
        assertTrue(e.getMessage().contains("more than 32 deep"), e.getMessage());
        assertEquals(2, e.findings().size());
        assertThrows(MappingException.class, () -> parse("[".repeat(200_000)));
        assertThrows(MappingException.class, () -> parse("{\"rules\":" + "[".repeat(200_000)));
    }

    @Test
    void aTextThatIsTooLongIsRefused() {
        assertThrows(
                MappingException.class, () -> json("{\"user\":\"" + "a".repeat(100_000) + "\",\"context\":\"a_t\"}"));
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedWithTheirPlace() {
        byte[] bytes = "{\n\"rules\": \"x\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        MappingException e = assertThrows(MappingException.class, () -> Mappings.parse("m.json", bytes));
        assertEquals("m.json:2:12", e.findings().get(0).location());
    }

    @Test
    void doubtfulPathsAndMethodsAreWarnings() throws MappingException {
        RuleSet rules = json(
                "{\"path\": \"/a%20b\", \"context\": \"a_t\"}",
                "{\"method\": \"get\", \"context\": \"a_t\"}",
                "{\"network\": \"10.0.0.1/8\", \"context\": \"a_t\"}",
                "{\"everybody\": true, \"context\": \"a_t\"}");
        assertEquals(
                List.of("selinux.json:2:10", "selinux.json:3:12", "selinux.json:4:13"), Maps.places(rules.warnings()));
    }

    @Test
    void aRuleThatCannotBeSaidOnOneLineIsNotConverted() throws MappingException {
        RuleSet rules = json(
                "{\"user\": \"a\", \"path\": \"/\", \"context\": \"a_t\"}",
                "{\"not\": {\"any\": [{\"user\": \"a\"}]}, \"context\": \"b_t:s0\"}",
                "{\"any\": [{\"user\": \"a\"}, {\"authenticated\": false}], \"context\": \"@deny\"}");
        assertTrue(ClassicWriter.lines(rules.rules().get(0)).isEmpty());
        assertEquals(
                List.of("!a\tb_t:s0"), ClassicWriter.lines(rules.rules().get(1)).orElseThrow());
        assertEquals(
                List.of("a\t@deny", "__anonymous__\t@deny"),
                ClassicWriter.lines(rules.rules().get(2)).orElseThrow());
    }
}
