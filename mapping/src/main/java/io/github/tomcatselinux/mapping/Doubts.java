// SPDX-License-Identifier: Apache-2.0
// Everything in a file that is allowed but may not be meant.
package io.github.tomcatselinux.mapping;

import java.text.Normalizer;
import java.util.List;

/** Adds the warnings that need no more than the rules themselves. */
final class Doubts {
    private Doubts() {}

    static void report(List<Rule> rules, Matcher matcher, Findings findings) {
        new Reachability(rules, matcher.decidingByAddress()).report(findings);
        new Dominance().report(rules, findings);
        for (Rule rule : rules) {
            twoLevels(rule, findings);
            loginOfNobody(rule, findings);
            notNormalised(rule, rule.condition(), findings);
        }
    }

    private static void twoLevels(Rule rule, Findings findings) {
        if (rule.target() instanceof ContextTemplate context
                && context.range().orElse("").indexOf('-') >= 0) {
            context.levels()
                    .filter(levels -> !levels.low().equals(levels.high()))
                    .ifPresent(levels -> findings.warning(
                            rule.line(),
                            rule.column(),
                            "range " + Quoted.text(levels.toString())
                                    + " has two levels: new files get only the low one",
                            "write " + Quoted.text(context.domain().orElse("*") + ":" + levels.high())));
        }
    }

    private static void loginOfNobody(Rule rule, Findings findings) {
        if (rule.target() == SpecialTerm.LOGIN
                && !Implication.implies(Conditions.normal(rule.condition()), new Condition.Authenticated(true))) {
            findings.warning(
                    rule.line(),
                    rule.column(),
                    "an anonymous request that this rule matches has no login, and is denied",
                    "put a rule for anonymous requests before it");
        }
    }

    private static void notNormalised(Rule rule, Condition condition, Findings findings) {
        if (condition instanceof Condition.User user
                && user.name().chars().anyMatch(c -> c >= 0x300)
                && !Normalizer.isNormalized(user.name(), Normalizer.Form.NFC)) {
            findings.warning(
                    rule.line(),
                    rule.column(),
                    "the name " + Quoted.text(user.name()) + " is not in Unicode normal form C, which is what clients"
                            + " send; names are compared as they are",
                    "");
        } else if (condition instanceof Condition.Not not) {
            notNormalised(rule, not.condition(), findings);
        } else if (condition instanceof Condition.All all) {
            all.conditions().forEach(part -> notNormalised(rule, part, findings));
        } else if (condition instanceof Condition.Any any) {
            any.conditions().forEach(part -> notNormalised(rule, part, findings));
        }
    }
}
