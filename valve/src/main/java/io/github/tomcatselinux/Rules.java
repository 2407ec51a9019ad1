// SPDX-License-Identifier: Apache-2.0
// From an identity to a verdict: the mapping file's rules and the valve's defaults.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Logins;
import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.mapping.Condition;
import io.github.tomcatselinux.mapping.ContextException;
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
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.tomcat.util.res.StringManager;

/**
 * The rules in force. A request sees one rule set from start to end: it keeps the one that it was decided by first.
 */
final class Rules implements AutoCloseable {
    /** The domain that {@code *} stands for: the policy's base webapp domain, never the server's own. */
    static final String BASE_DOMAIN = "base_webapp_t";

    /** The kernel's contexts fit into a page; whatever is longer than this is none. */
    private static final int LONGEST = 1_024;

    private static final StringManager SM = StringManager.getManager(Rules.class);

    private final Configuration configuration;
    private final Optional<MappingFile> file;
    private final SecurityContext server;
    private final Logins logins = new Logins();

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
            }
            Rules rules = new Rules(configuration, file, server);
            Optional<String> objection = file.flatMap(read -> rules.objection(read.current()));
            if (objection.isPresent()) {
                rules.close();
                throw new ConfigurationException(objection.get());
            }
            return rules;
        } catch (MappingException wrong) {
            throw new ConfigurationException(wrong.getMessage(), wrong);
        }
    }

    /** The rule set in force, for all that one request has to ask; empty where there is no mapping file. */
    Optional<RuleSet> current() {
        return file.map(MappingFile::current);
    }

    /**
     * What a rule set says is to be done with a request of this identity.
     *
     * @param principal what its authentication says of its context; asked only if a rule wants to know
     */
    Verdict decide(Optional<RuleSet> set, Identity identity, Supplier<Supplied> principal) {
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
        if (decision instanceof Decision.Principal asks) {
            return outside(asks.rule(), principal.get());
        }
        Rule rule = ((Decision.Login) decision).rule();
        return identity.user()
                .map(user -> outside(rule, logins.rangeOf(user)))
                .orElseGet(() -> new Verdict.NoContext(rule.location(), SM.getString("rules.anonymous"), false));
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

    /** What {@code allowedContexts} allows, as whole contexts. */
    List<String> allowedContexts() {
        return configuration.outside().allowed().entries().stream()
                .map(this::complete)
                .toList();
    }

    @Override
    public void close() {
        logins.close();
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
     * @param trial says of contexts, each with where it is named, why they cannot be taken; then the old rules stay
     */
    Optional<Reload> poll(Function<Map<String, String>, Optional<String>> trial) {
        return file.flatMap(rules ->
                rules.poll(changed -> objection(changed).or(() -> trial.apply(contexts(changed.rules())))));
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

    /** Turns what came from elsewhere into a context, if it is one that may come from there. */
    private Verdict outside(Rule rule, Supplied supplied) {
        if (supplied instanceof Supplied.None none) {
            return new Verdict.NoContext(rule.location(), none.reason(), none.passing());
        }
        Supplied.Text found = (Supplied.Text) supplied;
        try {
            return new Verdict.Confine(complete(allowed(found, rule.target() == SpecialTerm.LOGIN)), rule.location());
        } catch (ConfigurationException wrong) {
            return new Verdict.NoContext(rule.location(), wrong.getMessage(), false);
        }
    }

    private ContextTemplate allowed(Supplied.Text found, boolean login) throws ConfigurationException {
        String text = found.text();
        if (text.isEmpty()) {
            throw new ConfigurationException(SM.getString("rules.empty", found.source()));
        }
        if (text.length() > LONGEST) {
            throw new ConfigurationException(SM.getString("rules.long", found.source(), String.valueOf(LONGEST)));
        }
        if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new ConfigurationException(SM.getString("rules.characters", found.source(), LogText.quote(text)));
        }
        ContextTemplate context;
        try {
            context = ContextTemplate.parse(login ? "*:" + text : text);
        } catch (ContextException wrong) {
            throw new ConfigurationException(SM.getString("rules.wrong", found.source(), wrong.getMessage()), wrong);
        }
        if (login) {
            context = context.atHighLevel()
                    .orElseThrow(() -> new ConfigurationException(SM.getString("rules.noLevel", found.source(), text)));
        }
        if (!configuration.outside().allowed().permits(context, BASE_DOMAIN, server.lowLevel())) {
            throw new ConfigurationException(SM.getString("rules.foreign", found.source(), context));
        }
        return context;
    }

    /** Why rules that take contexts from elsewhere cannot do so; empty if they can, or there are none. */
    private Optional<String> objection(RuleSet rules) {
        Optional<Rule> first = rules.rules().stream()
                .filter(rule -> rule.target() == SpecialTerm.PRINCIPAL || rule.target() == SpecialTerm.LOGIN)
                .findFirst();
        if (first.isPresent() && configuration.outside().allowed().entries().isEmpty()) {
            return first.map(rule ->
                    SM.getString("rules.allowed", rule.location(), rule.source().strip()));
        }
        return rules.rules().stream()
                .filter(rule -> rule.target() == SpecialTerm.LOGIN)
                .findFirst()
                .flatMap(rule -> logins.open().map(why -> SM.getString("rules.login", rule.location(), why)));
    }
}
