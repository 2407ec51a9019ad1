// SPDX-License-Identifier: Apache-2.0
// One SelinuxValve at work: its rules, its launcher and its view of the kernel.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.Enforce;
import io.github.tomcatselinux.Configuration.OnNotEnforcing;
import io.github.tomcatselinux.ThreadSettings.Servlets;
import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.Selinux.Mode;
import io.github.tomcatselinux.launcher.ConfineRequest.Root;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.Reload;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.RuleSet;
import io.github.tomcatselinux.preflight.ContextCheck;
import io.github.tomcatselinux.preflight.ContextPolicy;
import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.IdentityCheck;
import io.github.tomcatselinux.preflight.LabelCheck;
import io.github.tomcatselinux.preflight.PipelineCheck;
import io.github.tomcatselinux.preflight.Preflight;
import io.github.tomcatselinux.preflight.SystemCheck;
import io.github.tomcatselinux.report.Inquiry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Everything that the requests of one declared valve share. It exists only if it could confine when it was made: the
 * kernel enforces (or the administrator said to ignore that), the rules are right, the launcher is there, and a helper
 * took every context that the rules name.
 */
final class Governor implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(Governor.class);

    /** How often a dry run says that it is one. */
    private static final Duration REMINDER = Duration.ofMinutes(10);

    /** Where the kernel has no SELinux there are no contexts; these parts only fill a place in the log. */
    private static final SecurityContext NO_CONTEXT = new SecurityContext("system_u", "system_r", "none", "s0");

    private final Configuration configuration;
    private final Enforcement enforcement;
    private final Selinux selinux;
    private final Rules rules;
    private final Helpers helpers;
    private final Refusals refusals;
    private final RuleHits hits = new RuleHits();
    private final MappingState mapping = new MappingState();
    private final Preflight preflight;
    private final Optional<ContextPolicy> policy;
    private final ServletThreads threads;
    private final Optional<DryRun> dryRun;

    private Governor(
            Configuration configuration,
            Enforcement enforcement,
            Selinux selinux,
            Rules rules,
            Helpers helpers,
            ServletThreads threads,
            Optional<Inquiry> inquiry,
            Optional<DryRun> dryRun,
            Preflight preflight,
            Optional<ContextPolicy> policy) {
        this.dryRun = dryRun;
        this.configuration = configuration;
        this.enforcement = enforcement;
        this.selinux = selinux;
        this.rules = rules;
        this.helpers = helpers;
        this.refusals = new Refusals(configuration.floods(), inquiry);
        this.threads = threads;
        this.preflight = preflight;
        this.policy = policy;
    }

    /**
     * Checks everything and starts what must run.
     *
     * @param place the container that the valve is declared on, for the log
     * @param preflight is told what is found
     * @throws ConfigurationException naming what is wrong; then nothing is left running
     */
    static Governor start(Configuration configuration, Selinux selinux, String place, Preflight preflight)
            throws ConfigurationException {
        Enforcement enforcement = new Enforcement(configuration, selinux);
        if (configuration.enforce() == Enforce.REPORT) {
            return report(configuration, selinux, place, enforcement, preflight);
        }
        requireEnforcing(configuration, enforcement);
        Optional<SecurityContext> own = enforcement.hasSelinux() ? Optional.of(ownContext(selinux)) : Optional.empty();
        boolean ignored = configuration.onNotEnforcing() == OnNotEnforcing.IGNORE;
        ConfigurationException.throwIf(preflight.run("SELinux", List.of(new SystemCheck(selinux, ignored, own))));
        Rules rules = Rules.read(configuration, own.orElse(NO_CONTEXT));
        try {
            return start(configuration, selinux, place, enforcement, own, rules, preflight);
        } catch (ConfigurationException failed) {
            rules.close();
            throw failed;
        }
    }

    private static Governor start(
            Configuration configuration,
            Selinux selinux,
            String place,
            Enforcement enforcement,
            Optional<SecurityContext> own,
            Rules rules,
            Preflight preflight)
            throws ConfigurationException {
        ServletThreads threads =
                new ServletThreads(configuration, enforcement, kernelThreads(configuration, selinux, own));
        Helpers helpers = Helpers.start(configuration, selinux, enforcement, own, rules::generation, preflight);
        boolean asking = own.isPresent() && configuration.onNotEnforcing() == OnNotEnforcing.FAIL;
        Optional<ContextPolicy> policy =
                asking ? own.map(server -> new ContextPolicy(selinux, server)) : Optional.empty();
        Governor governor = new Governor(
                configuration,
                enforcement,
                selinux,
                rules,
                helpers,
                threads,
                own.map(server -> new Inquiry(selinux, server)),
                Optional.empty(),
                preflight,
                policy);
        try {
            for (String context : rules.allowedContexts()) {
                Optional<String> objection = enforcement.objection(context);
                if (objection.isPresent()) {
                    throw new ConfigurationException(SM.getString("governor.allowed", objection.get()));
                }
            }
            ConfigurationException.throwIf(governor.preflight(rules.contexts()));
        } catch (ConfigurationException failed) {
            governor.close();
            throw failed;
        }
        governor.warn();
        LOG.info(SM.getString(
                "governor.started",
                place,
                configuration.summary(),
                own.map(SecurityContext::toString).orElse("no SELinux"),
                helpers,
                String.valueOf(rules.rules().size())));
        return governor;
    }

    /** For a dry run nothing has to be there but the rules; what is missing is said. */
    private static Governor report(
            Configuration configuration, Selinux selinux, String place, Enforcement enforcement, Preflight preflight)
            throws ConfigurationException {
        Optional<SecurityContext> own;
        try {
            own = enforcement.hasSelinux() ? Optional.of(ownContext(selinux)) : Optional.empty();
        } catch (ConfigurationException silent) {
            LOG.warn(silent.getMessage());
            own = Optional.empty();
        }
        Rules rules = Rules.read(configuration, DryRun.server(own));
        Helpers helpers = Helpers.startOrRefuse(configuration, selinux, enforcement, own, rules::generation, preflight);
        Governor governor = new Governor(
                configuration,
                enforcement,
                selinux,
                rules,
                helpers,
                new ServletThreads(configuration, enforcement, Optional.empty()),
                Optional.empty(),
                Optional.of(DryRun.start(selinux, own, REMINDER)),
                preflight,
                own.map(server -> new ContextPolicy(selinux, server)));
        LOG.info(SM.getString(
                "governor.reports",
                place,
                configuration.summary(),
                own.map(SecurityContext::toString).orElse("no SELinux"),
                helpers,
                String.valueOf(rules.rules().size())));
        governor.tryForReport(rules.contexts());
        governor.warn();
        return governor;
    }

    /** Says whether helpers take contexts; nothing depends on it. */
    private Optional<String> tryForReport(Map<String, String> contexts) {
        Optional<String> refusal = preflight(contexts);
        if (refusal.isPresent()) {
            LOG.warn(SM.getString("governor.untaken", refusal.get()));
        } else {
            contexts.forEach((context, namedBy) -> LOG.info(SM.getString("governor.taken", context, namedBy)));
        }
        return Optional.empty();
    }

    /** What enforcement="report" tells; empty where requests are confined. */
    Optional<DryRun> dryRun() {
        return dryRun;
    }

    /** The rules in force. */
    List<Rule> ruleList() {
        return rules.rules();
    }

    Configuration configuration() {
        return configuration;
    }

    /** The one door to code of an application for requests that a rule applies to. */
    ServletThreads threads() {
        return threads;
    }

    /** What is refused is reported there. */
    Refusals refusals() {
        return refusals;
    }

    /** The rule set in force, for all that one request has to ask; empty where there is no mapping file. */
    Optional<RuleSet> rules() {
        return rules.current();
    }

    /**
     * What a rule set says is to be done with a request of this identity.
     *
     * @param principal what its authentication says of its context; asked only if a rule wants to know
     */
    Verdict decide(Optional<RuleSet> set, Identity identity, Supplier<Supplied> principal) {
        return rules.decide(set, identity, principal);
    }

    /** Which rules have decided. */
    RuleHits hits() {
        return hits;
    }

    /** What became of reading the mapping file. */
    MappingState mapping() {
        return mapping;
    }

    /** The one door to files and programs for requests that a rule applies to. */
    Helpers helpers() {
        return helpers;
    }

    /** Whether SELinux is known to enforce, whatever was said to ignore. A page may ask: a confined thread cannot look. */
    boolean isEnforcing() {
        try {
            return dryRun.isEmpty() && ServerErrand.run(this::mode) == Mode.ENFORCING;
        } catch (HelperException unknown) {
            return false;
        }
    }

    private Mode mode() throws HelperException {
        try {
            return enforcement.mode();
        } catch (ConfigurationException unknown) {
            throw new HelperException(HelperException.Reason.REFUSED, unknown.getMessage(), unknown);
        }
    }

    /** Reads the mapping file now, if it has changed, and says what came of it. */
    String reload() {
        String file = configuration.mappingFile().map(Path::toString).orElse("");
        // It counts as whole if two looks find it the same.
        poll().or(this::poll).ifPresent(this::report);
        return mapping.isWrong()
                ? SM.getString(
                        "governor.mapping.rejected",
                        file,
                        mapping.failure().orElseThrow().message())
                : SM.getString("governor.mapping.inForce", file, mapping.loaded());
    }

    /** Says which rule would decide a request, and why none before it would. */
    String explain(Identity identity) {
        Optional<RuleSet> set = rules();
        return RuleExplanation.of(decide(set, identity, Supplied::nothing))
                + set.map(known -> RuleExplanation.mismatches(known, identity)).orElse("");
    }

    /** A reason to refuse every request now; empty if all is well. */
    Optional<String> objection() {
        return enforcement.objection();
    }

    /**
     * Looks at what stands around an application that is about to start.
     *
     * @return why it must not; empty if it may
     */
    Optional<String> preflight(Context application, Connector[] connectors, List<Root> roots) {
        List<Path> folders = configuration.onNotEnforcing() == OnNotEnforcing.FAIL
                ? roots.stream()
                        .filter(root -> !root.archive())
                        .map(Root::folder)
                        .toList()
                : List.of();
        return preflight.run(
                "application [" + application.getBaseName() + "]",
                List.of(
                        new PipelineCheck(Neighbours.valves(application)),
                        new IdentityCheck(application, rules.rules(), connectors),
                        new LabelCheck(
                                selinux,
                                file -> Optional.empty(),
                                rules.contexts().keySet(),
                                folders,
                                Optional.empty())));
    }

    /**
     * Tries whether anybody whom the rules name can enter an application's folders.
     *
     * @throws ConfigurationException with the last refusal if nobody can
     */
    void requireReachable(List<Root> roots) throws ConfigurationException {
        helpers.requireReachable(rules.contexts().keySet(), roots);
    }

    /** Called every now and then by Tomcat's background thread. */
    void background() {
        poll().ifPresent(this::report);
        dryRun.ifPresent(DryRun::background);
        threads.background();
        refusals.background();
        helpers.background();
    }

    /** Tomcat's background thread looks, and who asks for it over JMX. */
    private synchronized Optional<Reload> poll() {
        return rules.poll(dryRun.isPresent() ? this::tryForReport : this::preflight);
    }

    @Override
    public void close() {
        dryRun.ifPresent(DryRun::close);
        refusals.close();
        rules.close();
        threads.close();
        helpers.close();
    }

    /** Lets helpers and threads take contexts once, so that a refusal is known before the first request. */
    private Optional<String> preflight(Map<String, String> contexts) {
        ContextCheck check = new ContextCheck(
                contexts,
                configuration.preflightLimit(),
                new ContextTrial(helpers::tryOut, threads, enforcement, policy));
        return preflight.run("contexts", List.of(check));
    }

    private void report(Reload news) {
        String file = configuration.mappingFile().map(Path::toString).orElse("");
        if (news instanceof Reload.Accepted) {
            mapping.accepted();
            hits.beginAnew();
            LOG.info(SM.getString("governor.mapping.accepted", file));
            warn();
        } else if (news instanceof Reload.Rejected rejected) {
            mapping.rejected(rejected.reason().getMessage());
            LOG.error(SM.getString(
                    "governor.mapping.rejected", file, rejected.reason().getMessage()));
        } else {
            mapping.restored();
            LOG.info(SM.getString("governor.mapping.restored", file));
        }
    }

    private void warn() {
        dryRun.ifPresent(DryRun::warn);
        preflight.run("rules", List.of(this::doubts));
    }

    private List<Finding> doubts() {
        List<Finding> doubts = new ArrayList<>();
        rules.warnings().forEach(warning -> doubts.add(Finding.warning(Fault.MAPPING, warning.toString())));
        if (rules.leavesSomeUnchanged()) {
            doubts.add(Finding.warning(Fault.CONFIGURATION, SM.getString("governor.unchanged")));
        }
        if (configuration.threads().servlets() == Servlets.UNCHANGED) {
            doubts.add(Finding.warning(Fault.CONFIGURATION, SM.getString("governor.servlets")));
        }
        if (doubts.isEmpty()) {
            doubts.add(Finding.ok(
                    Fault.MAPPING,
                    SM.getString("governor.rules", String.valueOf(rules.rules().size()))));
        }
        return doubts;
    }

    private static void requireEnforcing(Configuration configuration, Enforcement enforcement)
            throws ConfigurationException {
        Mode mode = enforcement.mode();
        if (mode == Mode.ENFORCING) {
            return;
        }
        if (configuration.onNotEnforcing() == OnNotEnforcing.FAIL) {
            throw new ConfigurationException(
                    SM.getString("governor.notEnforcing.fail", mode.toString().toLowerCase(Locale.ROOT)));
        }
        LOG.error(SM.getString("governor.notEnforcing.ignore", mode));
    }

    /** Where servlets are to be confined, by a kernel that can. */
    private static Optional<KernelThreads> kernelThreads(
            Configuration configuration, Selinux selinux, Optional<SecurityContext> own) throws ConfigurationException {
        return own.isPresent() && configuration.threads().servlets() == Servlets.THREAD
                ? Optional.of(KernelThreads.start(selinux, own.get()))
                : Optional.empty();
    }

    private static SecurityContext ownContext(Selinux selinux) throws ConfigurationException {
        try {
            return selinux.ownContext();
        } catch (IOException unknown) {
            throw new ConfigurationException(SM.getString("governor.ownContext", unknown.getMessage()), unknown);
        }
    }
}
