// SPDX-License-Identifier: Apache-2.0
// From an identity to a verdict: the mapping file's rules and the valve's defaults.
package io.github.tomcatselinux;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.mapping.Condition;
import io.github.tomcatselinux.mapping.ContextTemplate;
import io.github.tomcatselinux.mapping.Decision;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.MappingFile;
import io.github.tomcatselinux.mapping.MappingFinding;
import io.github.tomcatselinux.mapping.Reload;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.RuleSet;
import io.github.tomcatselinux.mapping.SpecialTerm;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.tomcat.util.res.StringManager;

/**
 * The rules in force. A request sees one rule set from start to end: it keeps the one that it was decided by first.
 */
final class Rules {
    /** The domain that {@code *} stands for: the policy's base webapp domain, never the server's own. */
    static final String BASE_DOMAIN = "base_webapp_t";

    private static final StringManager SM = StringManager.getManager(Rules.class);

    private final Configuration configuration;
    private final Optional<MappingFile> file;
    private final SecurityContext server;

    private Rules(Configuration configuration, Optional<MappingFile> file, SecurityContext server) {
        this.configuration = configuration;
        this.file = file;
        this.server = server;
    }

    /**
     * Reads the mapping file, if there is one.
     *
     * @param server the server's own context, which lends its user, its role and its low level
     * @throws ConfigurationException with everything that is wrong with the file
     */
    static Rules read(Configuration configuration, SecurityContext server) throws ConfigurationException {
        try {
            Optional<MappingFile> file = Optional.empty();
            if (configuration.mappingFile().isPresent()) {
                Path named = configuration.mappingFile().get();
                file = Optional.of(new MappingFile(configuration.catalinaBase().resolve(named), named.toString()));
                Optional<String> special = specialTerm(file.get().current());
                if (special.isPresent()) {
                    throw new ConfigurationException(special.get());
                }
            }
            return new Rules(configuration, file, server);
        } catch (MappingException wrong) {
            throw new ConfigurationException(wrong.getMessage(), wrong);
        }
    }

    /** The rule set in force, for all that one request has to ask; empty where there is no mapping file. */
    Optional<RuleSet> current() {
        return file.map(MappingFile::current);
    }

    /** What a rule set says is to be done with a request of this identity. */
    Verdict decide(Optional<RuleSet> set, Identity identity) {
        Decision decision = set.map(rules -> rules.decide(identity)).orElseGet(Decision.NoMatch::new);
        if (decision instanceof Decision.Confine confine) {
            return new Verdict.Confine(
                    complete(confine.context()), confine.rule().location());
        }
        if (decision instanceof Decision.Unchanged unchanged) {
            return new Verdict.Unchanged(unchanged.rule().location());
        }
        if (decision instanceof Decision.Deny deny) {
            return new Verdict.Deny(deny.rule().location());
        }
        if (decision instanceof Decision.NoMatch) {
            return byDefault();
        }
        // @principal and @login: refused when the file is read, and here should one slip through.
        return new Verdict.NoMatch();
    }

    /** Every context that can come out, each with where it was named first. */
    Map<String, String> contexts() {
        return contexts(rules());
    }

    private Map<String, String> contexts(List<Rule> rules) {
        Map<String, String> contexts = new LinkedHashMap<>();
        for (Rule rule : rules) {
            if (rule.target() instanceof ContextTemplate template) {
                contexts.putIfAbsent(complete(template), rule.location());
            }
        }
        configuration
                .defaultContext()
                .ifPresent(template -> contexts.putIfAbsent(complete(template), Configuration.DEFAULT_CONTEXT));
        return contexts;
    }

    /** Stands for the rule set in force: another one after each reload. */
    Object generation() {
        return file.<Object>map(MappingFile::current).orElse(this);
    }

    List<Rule> rules() {
        return file.map(rules -> rules.current().rules()).orElseGet(List::of);
    }

    /** Whether a request may be left to Tomcat because no rule matches it. */
    boolean leavesSomeUnchanged() {
        return configuration.onNoMatch() == Configuration.OnNoMatch.UNCHANGED
                && configuration.defaultContext().isEmpty()
                && rules().stream().noneMatch(rule -> rule.condition() instanceof Condition.Everybody);
    }

    /** What the file's author should know, though it is no error. */
    List<MappingFinding> warnings() {
        return file.map(rules -> rules.current().warnings()).orElseGet(List::of);
    }

    /**
     * Looks whether the file has changed.
     *
     * @param trial says of every context, and where it is named, why it cannot be taken; then the old rules stay
     */
    Optional<Reload> poll(BiFunction<String, String, Optional<String>> trial) {
        return file.flatMap(rules -> rules.poll(changed -> specialTerm(changed)
                .or(() -> contexts(changed.rules()).entrySet().stream()
                        .flatMap(context -> trial.apply(context.getKey(), context.getValue()).stream())
                        .findFirst())));
    }

    private Verdict byDefault() {
        if (configuration.defaultContext().isPresent()) {
            return new Verdict.Confine(complete(configuration.defaultContext().get()), Configuration.DEFAULT_CONTEXT);
        }
        return switch (configuration.onNoMatch()) {
            case UNCHANGED -> new Verdict.Unchanged(Configuration.ON_NO_MATCH);
            case DENY -> new Verdict.NoMatch();
        };
    }

    private String complete(ContextTemplate template) {
        return template.complete(server.user(), server.role(), BASE_DOMAIN, server.lowLevel());
    }

    /** Names the first rule that nothing feeds yet. */
    private static Optional<String> specialTerm(RuleSet rules) {
        return rules.rules().stream()
                .filter(rule -> rule.target() == SpecialTerm.PRINCIPAL || rule.target() == SpecialTerm.LOGIN)
                .map(rule -> SM.getString(
                        "rules.special", rule.location(), rule.source().strip()))
                .findFirst();
    }
}
