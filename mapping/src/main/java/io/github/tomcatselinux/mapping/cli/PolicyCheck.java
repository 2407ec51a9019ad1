// SPDX-License-Identifier: Apache-2.0
// Holds the contexts of a file against a policy.
package io.github.tomcatselinux.mapping.cli;

import io.github.tomcatselinux.mapping.ContextTemplate;
import io.github.tomcatselinux.mapping.MappingFinding;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.RuleSet;
import io.github.tomcatselinux.mapping.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Each context is asked about once, at the first rule that names it. */
final class PolicyCheck {
    private final Policy policy;
    private final ServerContext server;
    private final String launcherDomain;
    private final String baseDomain;
    private final Set<String> domains = new HashSet<>();
    private final List<MappingFinding> findings = new ArrayList<>();

    PolicyCheck(Policy policy, ServerContext server, String launcherDomain, String baseDomain) {
        this.policy = policy;
        this.server = server;
        this.launcherDomain = launcherDomain;
        this.baseDomain = baseDomain;
    }

    List<MappingFinding> of(RuleSet rules) throws PolicyException {
        Set<ContextTemplate> seen = new HashSet<>();
        for (Rule rule : rules.rules()) {
            if (rule.target() instanceof ContextTemplate context && seen.add(context)) {
                check(rule, context);
            }
        }
        return findings;
    }

    private void check(Rule rule, ContextTemplate context) throws PolicyException {
        String domain = context.domain().orElse(baseDomain);
        if (!policy.hasType(domain)) {
            if (domains.add(domain)) {
                add(
                        Severity.ERROR,
                        rule,
                        "the policy has no domain " + domain,
                        "install the policy module that has it");
            }
            return;
        }
        if (domains.add(domain)) {
            checkThread(rule, domain);
        }
        if (context.translated()) {
            add(
                    Severity.WARNING,
                    rule,
                    "a translated range cannot be checked",
                    "write it as the kernel does, such as s0:c1");
            return;
        }
        String whole = context.complete(server.user(), server.role(), baseDomain, server.lowLevel());
        if (!policy.isValid(whole)) {
            add(
                    Severity.ERROR,
                    rule,
                    "the policy does not know the context " + whole,
                    "look at its categories and at the role's types");
            return;
        }
        if (whole.matches(".*:s[0-9]+.*:c.*") && !policy.isMcsConstrained(domain)) {
            add(
                    Severity.ERROR,
                    rule,
                    "categories on " + domain + " isolate nothing: the type is not MCS-constrained",
                    "put mcs_constrained(" + domain + ") into its policy");
        }
        if (!policy.mayEnter(server.of(launcherDomain), whole)) {
            add(
                    Severity.ERROR,
                    rule,
                    launcherDomain + " may not enter " + whole,
                    "name a webapp domain; the policy's template for them lets the launcher enter");
        }
    }

    /** Servlets run in the twin of the domain, which is bounded by the server's. */
    private void checkThread(Rule rule, String domain) throws PolicyException {
        String twin = domain.endsWith("_t") ? domain.substring(0, domain.length() - 2) + "_thread_t" : domain;
        if (twin.equals(domain) || !policy.hasType(twin)) {
            add(Severity.WARNING, rule, "the policy has no twin " + twin + " for threads", "servlets cannot run there");
        } else if (!policy.isBoundedBy(twin, server.domain())) {
            add(
                    Severity.WARNING,
                    rule,
                    twin + " is not bounded by " + server.domain() + ", so that no thread can enter it",
                    "typebounds " + server.domain() + " " + twin + ";");
        }
    }

    private void add(Severity severity, Rule rule, String message, String hint) {
        findings.add(new MappingFinding(severity, rule.file(), rule.line(), rule.column(), message, "", "", hint));
    }
}
