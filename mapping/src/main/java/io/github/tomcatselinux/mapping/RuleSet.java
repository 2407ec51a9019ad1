// SPDX-License-Identifier: Apache-2.0
// The rules in force.
package io.github.tomcatselinux.mapping;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The rules in file order. The first that holds decides. Never changes once built. */
public final class RuleSet {
    private final List<Rule> rules;
    private final List<MappingFinding> warnings;
    private final Decision[] decisions;

    RuleSet(List<Rule> rules, List<MappingFinding> warnings) {
        this.rules = List.copyOf(rules);
        this.warnings = List.copyOf(warnings);
        this.decisions = new Decision[rules.size() + 1];
        for (Rule rule : rules) {
            decisions[rule.number()] = Decision.of(rule);
        }
        decisions[rules.size()] = new Decision.NoMatch();
    }

    /** What the first rule that holds says about this request. */
    public Decision decide(Identity identity) {
        for (Rule rule : rules) {
            if (rule.condition().holds(identity)) {
                return decisions[rule.number()];
            }
        }
        return decisions[rules.size()];
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
