// SPDX-License-Identifier: Apache-2.0
// The helpers of one valve: who gets one, for how long, and what becomes of them.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import io.github.tomcatselinux.Configuration.OnNotEnforcing;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.launcher.ChildLauncher;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.ConfineRequest.Root;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.launcher.Launcher;
import io.github.tomcatselinux.launcher.ProgramConnection;
import io.github.tomcatselinux.metrics.HelperNumbers;
import io.github.tomcatselinux.preflight.LabelCheck;
import io.github.tomcatselinux.preflight.LauncherCheck;
import io.github.tomcatselinux.preflight.Preflight;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/** The one door to files and programs for requests that a rule applies to. */
final class Helpers implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(Helpers.class);

    private static final Duration PREFLIGHT_TIMEOUT = Duration.ofSeconds(10);

    /** How much longer than a helper's own deadline the valve waits, so that the helper's word comes first. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Configuration configuration;
    private final Enforcement enforcement;
    private final boolean hasSelinux;
    private final Supplier<Object> generation;
    private final Launcher launcher;
    private final ProgramLauncher programs;
    private final HelperNumbers numbers;
    private final KeptHelpers kept = new KeptHelpers();
    private final Admission admission;

    private Helpers(
            Configuration configuration,
            Enforcement enforcement,
            Optional<SecurityContext> own,
            Supplier<Object> generation,
            Launcher launcher,
            HelperNumbers numbers) {
        this.configuration = configuration;
        this.enforcement = enforcement;
        this.hasSelinux = own.isPresent();
        this.generation = generation;
        this.launcher = launcher;
        this.programs = new ProgramLauncher(configuration, own, line -> heard(numbers, line));
        this.numbers = numbers;
        this.admission = new Admission(configuration.limits(), kept);
    }

    /**
     * Starts the launcher of helpers for files, or looks whether its service is there.
     *
     * @param own the context of this JVM; empty where the kernel has no SELinux
     * @param generation of the rules in force: a helper of other ones is not kept
     * @param preflight is told what is found
     * @throws ConfigurationException if there is none
     */
    static Helpers start(
            Configuration configuration,
            Selinux selinux,
            Enforcement enforcement,
            Optional<SecurityContext> own,
            Supplier<Object> generation,
            Preflight preflight)
            throws ConfigurationException {
        HelperNumbers numbers = new HelperNumbers();
        Launcher launcher = launcher(configuration, selinux, own, preflight, numbers);
        return new Helpers(configuration, enforcement, own, generation, launcher, numbers);
    }

    /** The same, but each request for a helper is refused where there is no launcher. */
    static Helpers startOrRefuse(
            Configuration configuration,
            Selinux selinux,
            Enforcement enforcement,
            Optional<SecurityContext> own,
            Supplier<Object> generation,
            Preflight preflight) {
        try {
            return start(configuration, selinux, enforcement, own, generation, preflight);
        } catch (ConfigurationException missing) {
            Launcher absent = Launcher.absent(new HelperException(Reason.UNAVAILABLE, missing.getMessage(), missing));
            return new Helpers(configuration, enforcement, own, generation, absent, new HelperNumbers());
        }
    }

    /**
     * A helper that took this context, which confines it, with the leave to use it.
     *
     * @param files what stands for the application's start; see {@link KeptHelpers.Terms}
     * @param connection where the request came from, if that stays
     * @param file opened ahead, if it is known what will be asked for
     * @throws HelperException if there is none
     */
    KeptHelpers.Held take(
            String context,
            String requestId,
            List<Root> roots,
            Object files,
            Optional<ConnectionLife> connection,
            Optional<byte[]> file)
            throws HelperException {
        requireConfining(context);
        Limits limits = configuration.limits();
        ConfineRequest request = request(
                context, requestId, roots, limits.requestTimeout(), limits.maxRequestTime(), ConfineRequest.Way.FILES);
        KeptHelpers.Terms terms = KeptHelpers.Terms.of(request, generation.get(), files);
        Optional<KeptHelpers.Held> waiting = connection.flatMap(life -> kept.take(life.id(), terms, file));
        if (waiting.isPresent()) {
            return waiting.get();
        }
        long asked = System.nanoTime();
        Admission.Permit permit = admission.enter(context);
        long admitted = System.nanoTime();
        try {
            // The wait may have been long.
            requireConfining(context);
            HelperConnection helper = launcher.confined(request, file, !mayKeep(connection));
            numbers.taken(asked, admitted);
            return new KeptHelpers.Held(terms, permit, helper);
        } catch (Throwable failed) {
            permit.close();
            throw failed;
        }
    }

    /** One program, from its start to its end, with the leave to run it; closing it ends both. */
    record Running(Admission.Permit permit, ProgramConnection program) implements AutoCloseable {
        @Override
        public void close() {
            try (permit) {
                program.close();
            }
        }
    }

    /**
     * A helper that took this context and runs one program, with the leave to use it.
     *
     * @throws HelperException if there is none
     */
    Running program(String context, String requestId, List<Root> roots, String prefix, String path)
            throws HelperException {
        requireConfining(context);
        Duration patience = configuration.limits().requestTimeout();
        ConfineRequest request = request(
                context, requestId, roots, patience, configuration.programs().maxTime(), ConfineRequest.Way.PROGRAMS);
        long asked = System.nanoTime();
        Admission.Permit permit = admission.enter(context);
        long admitted = System.nanoTime();
        try {
            // The wait may have been long.
            requireConfining(context);
            ProgramConnection program = programs.program(request, patience.plus(GRACE), prefix, path);
            numbers.taken(asked, admitted);
            return new Running(permit, program);
        } catch (Throwable failed) {
            permit.close();
            throw failed;
        }
    }

    /**
     * Starts what runs programs, if it does not run.
     *
     * @throws ConfigurationException if it does not start
     */
    void requirePrograms() throws ConfigurationException {
        try {
            programs.start();
        } catch (HelperException failed) {
            throw new ConfigurationException(failed.getMessage(), failed);
        }
    }

    /** Takes a helper back: it ends, unless it may wait for the next request of its connection. */
    void release(KeptHelpers.Held held, Optional<ConnectionLife> connection) {
        if (!mayKeep(connection) || admission.isAwaited()) {
            held.close();
            return;
        }
        kept.keep(connection.get().id(), held, shorter(connection.get().patience(), configuration.limits()));
        if (admission.isAwaited()) {
            // Whoever began to wait in between has not seen it.
            kept.giveUp(Optional.empty());
        }
    }

    private boolean mayKeep(Optional<ConnectionLife> connection) {
        return configuration.allowKeepAlive()
                && configuration.keepHelpers()
                && configuration.limits().maxRequestTime().isZero()
                && connection.isPresent();
    }

    /** A helper leaves by itself after the request timeout; it must not do so while it is taken for alive. */
    private static Duration shorter(Duration patience, Limits limits) {
        Duration most = Duration.ofMillis(limits.requestTimeout().toMillis() / 2);
        return patience.compareTo(most) < 0 ? patience : most;
    }

    /** Takes a context once and ends, so that a refusal is known before the first request. */
    void tryOut(String context) throws HelperException {
        helper(context, List.of()).close();
    }

    /**
     * Tries whether anybody whom the rules name can enter an application's folders.
     *
     * @throws ConfigurationException with the last refusal if nobody can
     */
    void requireReachable(Collection<String> contexts, List<Root> roots) throws ConfigurationException {
        Optional<HelperException> refusal = Optional.empty();
        for (String context : contexts) {
            try {
                helper(context, roots).close();
                return;
            } catch (HelperException failed) {
                refusal = Optional.of(failed);
            }
        }
        if (refusal.isPresent()) {
            throw new ConfigurationException(
                    SM.getString("helpers.folder", folders(roots), refusal.get().getMessage()), refusal.get());
        }
    }

    private static String folders(List<Root> roots) {
        return roots.stream().map(root -> root.folder().toString()).collect(Collectors.joining(", "));
    }

    /** Called every now and then by Tomcat's background thread: starts a launcher again that has died. */
    void background() {
        revive(launcher);
        programs.running().ifPresent(Helpers::revive);
    }

    private static void revive(Launcher launcher) {
        if (launcher instanceof ChildLauncher child) {
            try {
                if (child.revive()) {
                    LOG.error(SM.getString("helpers.launcher.revived", child));
                }
            } catch (HelperException dead) {
                LOG.error(dead.getMessage());
            }
        }
    }

    /** Who is let through to the launcher. */
    Admission admission() {
        return admission;
    }

    /** Helpers that wait for their connection's next request. */
    KeptHelpers kept() {
        return kept;
    }

    /** What becomes of helpers is counted there. */
    HelperNumbers numbers() {
        return numbers;
    }

    /** The launcher, for the log. */
    @Override
    public String toString() {
        return launcher.toString();
    }

    @Override
    public void close() {
        kept.close();
        programs.close();
        launcher.close();
    }

    private HelperConnection helper(String context, List<Root> roots) throws HelperException {
        requireConfining(context);
        return launcher.confined(
                request(context, "preflight", roots, PREFLIGHT_TIMEOUT, PREFLIGHT_TIMEOUT, ConfineRequest.Way.FILES),
                Optional.empty(),
                false);
    }

    private ConfineRequest request(
            String context,
            String requestId,
            List<Root> roots,
            Duration progressTimeout,
            Duration totalTimeout,
            ConfineRequest.Way way) {
        return new ConfineRequest(
                context,
                requestId,
                configuration.identity(),
                way == ConfineRequest.Way.FILES
                        ? configuration.ceilings().forFiles()
                        : configuration.ceilings().forPrograms(),
                roots,
                progressTimeout,
                totalTimeout,
                hasSelinux,
                way);
    }

    private void requireConfining(String context) throws HelperException {
        Optional<String> objection = enforcement.objection(context);
        if (objection.isPresent()) {
            throw new HelperException(Reason.UNAVAILABLE, objection.get());
        }
    }

    private static void heard(HelperNumbers numbers, String line) {
        numbers.said(line);
        LOG.warn(SM.getString("helpers.launcher.said", line));
    }

    private static Launcher launcher(
            Configuration configuration,
            Selinux selinux,
            Optional<SecurityContext> own,
            Preflight preflight,
            HelperNumbers numbers)
            throws ConfigurationException {
        if (configuration.launcher() instanceof LauncherChoice.Service service) {
            LauncherCheck check = new LauncherCheck(service.socket(), "tomcat-selinux-launcher.socket");
            ConfigurationException.throwIf(preflight.run("launcher", List.of(check)));
            return Launcher.service(service.socket());
        }
        Path binary = ((LauncherChoice.Child) configuration.launcher()).binary();
        LabelCheck label = new LabelCheck(selinux, file -> Optional.empty(), List.of(), List.of(), Optional.of(binary));
        Optional<String> wrong = preflight.run(
                "launcher", configuration.onNotEnforcing() == OnNotEnforcing.FAIL ? List.of(label) : List.of());
        try {
            return ChildLauncher.start(
                    binary,
                    own.map(SecurityContext::type),
                    configuration.onNotEnforcing() == OnNotEnforcing.IGNORE,
                    configuration.limits().maxHelpers(),
                    ConfineRequest.Way.FILES,
                    line -> heard(numbers, line));
        } catch (HelperException failed) {
            throw new ConfigurationException(
                    failed.getMessage() + wrong.map(why -> "; " + why).orElse(""), failed);
        }
    }
}
