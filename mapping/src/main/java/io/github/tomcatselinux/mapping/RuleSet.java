// SPDX-License-Identifier: Apache-2.0
// The rules in force.
package io.github.tomcatselinux.mapping;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The rules in file order. The first that holds decides. Never changes once built. */
public final class RuleSet {
    private static final Decision NO_MATCH = new Decision.NoMatch();

    private final List<Rule> rules;
    private final List<MappingFinding> warnings;
    private final Decision[] decisions;
    private final Matcher matcher;

    private RuleSet(List<Rule> rules, Matcher matcher, List<MappingFinding> warnings) {
        this.rules = List.copyOf(rules);
        this.warnings = List.copyOf(warnings);
        this.matcher = matcher;
        this.decisions = new Decision[rules.size()];
        for (Rule rule : rules) {
            decisions[rule.number()] = Decision.of(rule);
        }
    }

    /** Compiles rules that have no errors, and adds to the findings what is doubtful in them. */
    static RuleSet of(List<Rule> rules, Findings findings) {
        Matcher matcher = MatcherBuilder.build(rules);
        Doubts.report(rules, matcher, findings);
        return new RuleSet(rules, matcher, findings.sorted());
    }

    /** What the first rule that holds says about this request. Reads no rule that it need not, and allocates nothing. */
    public Decision decide(Identity identity) {
        int rule = matcher.first(identity);
        return rule == Candidates.NONE ? NO_MATCH : decisions[rule];
    }

    /** The rules; a rule's number is its place here. */
    public List<Rule> rules() {
        return rules;
    }

    /** What is doubtful in the file, in file order. */
    public List<MappingFinding> warnings() {
        return warnings;
    }

    /** The distinct contexts that the file names, in file order. */
    public Set<ContextTemplate> contexts() {
        Set<ContextTemplate> contexts = new LinkedHashSet<>();
        for (Rule rule : rules) {
            if (rule.target() instanceof ContextTemplate context) {
                contexts.add(context);
            }
        }
        return contexts;
    }
}
