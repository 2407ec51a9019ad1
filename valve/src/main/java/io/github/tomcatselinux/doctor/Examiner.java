// SPDX-License-Identifier: Apache-2.0
// Looks at an installation without starting Tomcat.
package io.github.tomcatselinux.doctor;

import io.github.tomcatselinux.DeclaredValve;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.mapping.cli.Examination;
import io.github.tomcatselinux.preflight.Check;
import io.github.tomcatselinux.preflight.ConnectorCheck;
import io.github.tomcatselinux.preflight.ContextCheck;
import io.github.tomcatselinux.preflight.ContextPolicy;
import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.LabelCheck;
import io.github.tomcatselinux.preflight.LauncherCheck;
import io.github.tomcatselinux.preflight.PipelineCheck;
import io.github.tomcatselinux.preflight.PolicyLabels;
import io.github.tomcatselinux.preflight.Severity;
import io.github.tomcatselinux.preflight.SystemCheck;
import io.github.tomcatselinux.threads.ThreadTrial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The checks that the valve itself makes, on files instead of Tomcat's objects. */
public final class Examiner implements Examination {
    private static final int FINE = 0;
    private static final int WARNINGS = 1;

    private final Selinux selinux;

    /** Of the running system. */
    public Examiner() {
        this(new Selinux());
    }

    Examiner(Selinux selinux) {
        this.selinux = selinux;
    }

    @Override
    public int examine(Request request, PrintWriter out) {
        Set<Finding> findings = new LinkedHashSet<>();
        Optional<Site> site = Optional.empty();
        try {
            SecurityContext server = SecurityContext.parse(request.serverContext());
            findings.addAll(new SystemCheck(selinux, false, Optional.of(server)).findings());
            if (request.serverXml().isPresent()) {
                Path base = base(request, request.serverXml().get());
                Optional<Path> home =
                        Optional.ofNullable(System.getenv("CATALINA_HOME")).map(Path::of);
                site = Optional.of(Site.read(request.serverXml().get(), base, Placeholders.of(base, home)));
                findings.addAll(site.get().findings());
                examine(site.get(), base, server, findings);
            }
        } catch (IOException wrong) {
            findings.add(Finding.error(Fault.CONFIGURATION, wrong.getMessage()));
        }
        findings.forEach(out::println);
        if (request.bundle().isPresent()) {
            Bundle bundle = new Bundle(
                    List.copyOf(findings),
                    site.map(Site::files).orElseGet(List::of),
                    site.map(Site::mappings).orElseGet(List::of));
            try {
                bundle.write(request.bundle().get());
                out.println("written: " + request.bundle().get());
            } catch (IOException unwritten) {
                Finding failed = Finding.error(
                        Fault.CONFIGURATION, request.bundle().get() + ": cannot be written: " + unwritten.getMessage());
                out.println(failed);
                findings.add(failed);
            }
        }
        return status(findings);
    }

    private static Path base(Request request, Path serverXml) {
        Path absolute = serverXml.toAbsolutePath().normalize();
        return request.base()
                .map(Path::toAbsolutePath)
                .orElseGet(() -> absolute.getParent().getParent() == null
                        ? absolute.getParent()
                        : absolute.getParent().getParent());
    }

    private void examine(Site site, Path base, SecurityContext server, Set<Finding> findings) throws IOException {
        Map<Element, DeclaredValve> valves = new LinkedHashMap<>();
        for (Site.Way way : site.ways()) {
            if (way.ours().isEmpty()) {
                continue;
            }
            findings.addAll(new PipelineCheck(way.valves().stream()
                            .map(valve -> new PipelineCheck.Valve(valve.get("className"), valve.place()))
                            .toList())
                    .findings());
            for (Element declared : way.ours()) {
                DeclaredValve valve = valves.computeIfAbsent(declared, one -> read(one, base, server));
                List<Path> folders = way.folder().map(List::of).orElseGet(List::of);
                findings.addAll(labels(valve.contexts().keySet(), folders, Optional.empty())
                        .findings());
            }
        }
        if (valves.isEmpty()) {
            findings.add(Finding.warning(Fault.CONFIGURATION, base + ": no SelinuxValve governs any application"));
        }
        boolean allowKeepAlive = valves.values().stream().allMatch(DeclaredValve::allowKeepAlive);
        findings.addAll(new ConnectorCheck(connectors(site), allowKeepAlive).findings());
        for (DeclaredValve valve : valves.values()) {
            findings.addAll(valve.findings());
            List<Check> checks = new ArrayList<>();
            valve.sockets().forEach((socket, unit) -> checks.add(new LauncherCheck(socket, unit)));
            valve.binaries().forEach(binary -> checks.add(labels(Set.of(), List.of(), Optional.of(binary))));
            if (selinux.status().mode() != Selinux.Mode.DISABLED) {
                checks.add(new ContextCheck(valve.contexts(), 0, asking(server, valve.threads())));
            }
            checks.forEach(check -> findings.addAll(check.findings()));
        }
    }

    private static DeclaredValve read(Element declared, Path base, SecurityContext server) {
        Map<String, String> attributes = new LinkedHashMap<>(declared.attributes());
        attributes.remove("className");
        return DeclaredValve.read(attributes, base, server, declared.place());
    }

    private LabelCheck labels(Set<String> contexts, List<Path> folders, Optional<Path> binary) {
        return new LabelCheck(selinux, PolicyLabels::of, contexts, folders, binary);
    }

    /** Nobody but Tomcat may have a context taken. */
    private ContextCheck.Trial asking(SecurityContext server, boolean threads) throws IOException {
        ContextPolicy policy = new ContextPolicy(selinux, server);
        ThreadTrial trial = new ThreadTrial(ThreadContext.at(Path.of("/proc"), selinux), selinux, server);
        return new ContextCheck.Trial() {
            @Override
            public Optional<String> helper(String context) {
                return policy(context);
            }

            @Override
            public Optional<String> thread(String context) {
                return policy(context);
            }

            @Override
            public Optional<String> policy(String text) {
                try {
                    SecurityContext context = SecurityContext.parse(text);
                    Optional<String> objection = policy.objection(context);
                    if (objection.isEmpty() && selinux.isPermissiveDomain(context)) {
                        objection =
                                Optional.of("its domain is permissive, so it confines nothing; if one of your modules"
                                        + " says permissive " + context.type() + ", take that out of it. Mend it with:"
                                        + " semanage permissive -d " + context.type());
                    }
                    return objection.isEmpty() && threads ? trial.doubt(context) : objection;
                } catch (IOException silent) {
                    return Optional.of(silent.getMessage());
                }
            }
        };
    }

    private static List<ConnectorCheck.Connector> connectors(Site site) {
        return site.files().stream()
                .flatMap(Element::all)
                .filter(element -> element.name().equals("Connector"))
                .map(connector -> new ConnectorCheck.Connector(
                        connector.place(),
                        connector.children("UpgradeProtocol").stream()
                                .anyMatch(upgrade -> upgrade.get("className").endsWith("Http2Protocol")),
                        !connector.get("useSendfile").equals("false"),
                        connector.get("useVirtualThreads").equals("true")))
                .toList();
    }

    private static int status(Set<Finding> findings) {
        Optional<Fault> worst = findings.stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(Finding::fault)
                .min(Fault::compareTo);
        if (worst.isPresent()) {
            return worst.get().exitStatus();
        }
        boolean doubtful = findings.stream().anyMatch(finding -> finding.severity() == Severity.WARNING);
        return doubtful ? WARNINGS : FINE;
    }
}
