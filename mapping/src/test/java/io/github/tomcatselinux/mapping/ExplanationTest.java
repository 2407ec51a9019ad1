// SPDX-License-Identifier: Apache-2.0
// Reasons that a person can act on.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static List<String> reasons(RuleSet rules, Identity identity) {
        return Explanation.of(rules, identity).earlier().stream()
                .map(Explanation.Mismatch::reason)
                .toList();
    }

    @Test
    void saysOfEachEarlierRuleWhyItDoesNotMatch() throws MappingException {
        RuleSet rules = Maps.classic(
                "bob a_t", "!alice a_t", "@r a_t", "!@s a_t", "10.0.0.0/8 a_t", "!11.0.0.0/8 a_t", "__anonymous__ a_t");
        Identity alice = Identity.builder()
                .user("alice")
                .roles(Roles.of(List.of("s")))
                .address("11.0.0.1")
                .build();
        assertEquals(
                List.of(
                        "the user is \"alice\", not \"bob\"",
                        "the user is \"alice\"",
                        "\"alice\" does not have role \"r\"",
                        "\"alice\" has role \"s\"",
                        "11.0.0.1 is not in 10.0.0.0/8",
                        "11.0.0.1 is in 11.0.0.0/8",
                        "the user \"alice\" is authenticated"),
                reasons(rules, alice));
        assertEquals(
                List.of(
                        "no user is authenticated",
                        "no user is authenticated",
                        "no user is authenticated",
                        "no user is authenticated",
                        "the request has no address",
                        "the request has no address"),
                reasons(rules, Maps.anonymous()));
    }

    @Test
    void saysWhichPartOfAConjunctionFails() throws MappingException {
        RuleSet rules = Maps.json(
                "{\"user\": \"a\", \"host\": \"h\", \"path\": \"/x\", \"method\": \"PUT\", \"context\": \"a_t\"}",
                "{\"not\": {\"all\": [{\"path\": \"/\"}, {\"method\": \"GET\"}]}, \"context\": \"b_t\"}",
                "{\"any\": [{\"host\": \"i\"}, {\"not\": {\"host\": \"j\"}}, {\"authenticated\": true}], \"context\": \"c_t\"}",
                "{\"not\": {\"everybody\": true}, \"context\": \"d_t\"}");
        assertEquals(
                List.of(
                        "no user is authenticated; the host is \"j\", not \"h\"; path \"/y\" is not at or below \"/x/\";"
                                + " the method is \"GET\", not \"PUT\"",
                        "path \"/y\" is at or below \"/\"; the method is \"GET\"",
                        "the host is \"j\", not \"i\"; the host is \"j\"; no user is authenticated",
                        "it matches nobody"),
                reasons(rules, Identity.builder().host("j").path("/y").build()));
        assertTrue(reasons(rules, Maps.anonymous()).get(2).startsWith("the host is not known; "));
    }

    @Test
    void agreesWithTheDecisionAndAlwaysHasAReason() throws MappingException {
        for (long seed = 1; seed <= 2000; seed++) {
            RandomRules random = new RandomRules(seed);
            String text = JsonWriter.file(random.rules(random.upTo(8), false));
            RuleSet rules = Mappings.parse("m.json", text.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 10; i++) {
                Identity identity = random.identity();
                Explanation explanation = Explanation.of(rules, identity);
                int deciding = Maps.rule(rules.decide(identity))
                        .map(Rule::number)
                        .orElse(rules.rules().size());
                assertEquals(deciding, explanation.earlier().size());
                assertEquals(rules.decide(identity), explanation.decision());
                explanation
                        .earlier()
                        .forEach(mismatch -> assertFalse(mismatch.reason().isEmpty(), text));
            }
        }
    }
}
