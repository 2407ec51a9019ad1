// SPDX-License-Identifier: Apache-2.0
// Behind the authenticator of one application, with enforcement="report": decides, and confines nothing.
package io.github.tomcatselinux;

import io.github.tomcatselinux.ThreadSettings.Servlets;
import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.files.ServedFolders;
import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.report.Question;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.security.Principal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.valves.ValveBase;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Hands every request on as it came, whatever goes wrong here: neither request nor response, nor anything that an
 * application can see, is changed. It stands only where the administrator asked for a dry run, in the place of a
 * {@link ConfinementValve}.
 */
final class ReportValve extends ValveBase implements Installed {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ReportValve.class);

    /** Catalina note: it comes by again when it goes on asynchronously. */
    private static final String NOTE = ReportValve.class.getName();

    /** The applications that a dry run governs. */
    private static final Set<ServletContext> GOVERNED = ConcurrentHashMap.newKeySet();

    private final SelinuxValve declared;
    private volatile Optional<ServedFolders> folders = Optional.empty();
    private volatile Servlets servlets = Servlets.DENY;

    ReportValve(SelinuxValve declared) {
        super(true);
        this.declared = declared;
    }

    @Override
    public SelinuxValve declared() {
        return declared;
    }

    /** Whether nothing of this application is confined, because the administrator asked for a dry run. */
    static boolean governs(ServletContext application) {
        return GOVERNED.contains(application);
    }

    @Override
    protected void startInternal() throws LifecycleException {
        Context context = (Context) getContainer();
        try {
            Governor governor = declared.governor();
            ContextHook.requireOne(context, this);
            servlets = ServletMode.of(governor.configuration(), context);
            // Logged there; nothing depends on it.
            Optional<String> wrong = governor.preflight(context, declared.connectors(), List.of());
            wrong.ifPresent(why -> LOG.warn(SM.getString("governor.untaken", why)));
            folders = Optional.of(ServedFolders.of(context.getResources()));
        } catch (IllegalArgumentException unservable) {
            LOG.warn(SM.getString("report.unservable", context.getBaseName(), unservable.getMessage()));
        } catch (ConfigurationException wrong) {
            throw new LifecycleException(
                    SM.getString("confinement.stopped", context.getBaseName(), wrong.getMessage()), wrong);
        }
        GOVERNED.add(context.getServletContext());
        super.startInternal();
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        GOVERNED.remove(((Context) getContainer()).getServletContext());
        super.stopInternal();
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        Optional<DryRun> running = declared.running().flatMap(Governor::dryRun);
        if (running.isEmpty() || request.getNote(NOTE) != null) {
            getNext().invoke(request, response);
            return;
        }
        DryRun dryRun = running.get();
        Optional<DryRun.Seen> seen = look(request);
        // What is there afterwards is not what was asked for.
        Optional<DryRun.Answer> before =
                seen.filter(asked -> Methods.change(asked.asked().method())).map(dryRun::ask);
        try {
            getNext().invoke(request, response);
        } finally {
            seen.ifPresent(asked -> dryRun.answered(asked, before, request.isAsync() ? 0 : response.getStatus()));
        }
    }

    /** What is to be judged; nothing if it cannot be, which is logged. */
    private Optional<DryRun.Seen> look(Request request) {
        try {
            request.setNote(NOTE, this);
            return request.getWrapper() == null
                    ? Optional.empty()
                    : declared.running().map(governor -> look(governor, request));
        } catch (RuntimeException failed) {
            LOG.error(SM.getString("report.failed", LogText.quote(request.getDecodedRequestURI())), failed);
            return Optional.empty();
        }
    }

    private DryRun.Seen look(Governor governor, Request request) {
        Optional<Supplied> attribute = ContextAttribute.read(governor.configuration(), request);
        Verdict verdict = governor.decide(
                governor.rules(),
                RequestIdentity.of(request),
                () -> attribute.orElseGet(() -> RequestIdentity.context(request)));
        governor.hits().count(verdict.rule());
        Optional<RefusedBy> by = Optional.empty();
        Optional<String> detail = Optional.empty();
        Optional<String> word = Optional.empty();
        Optional<Question> question = Optional.empty();
        if (verdict instanceof Verdict.Confine) {
            boolean programs = governor.configuration().programs().mode() != ProgramSettings.Mode.OFF;
            Way way = Way.planned(request, (Context) getContainer(), request.getWrapper(), programs);
            word = Optional.of(way.word());
            if (way instanceof Way.None none) {
                by = Optional.of(RefusedBy.NO_WAY);
                detail = Optional.of(none.reason());
            } else if (way instanceof Way.Servlets code && servlets == Servlets.DENY) {
                by = Optional.of(RefusedBy.NO_WAY);
                detail = Optional.of(code.reason());
            } else {
                question = question(governor, request, way);
            }
        } else if (verdict instanceof Verdict.Deny) {
            by = Optional.of(RefusedBy.RULE);
        } else if (verdict instanceof Verdict.NoContext none) {
            by = Optional.of(RefusedBy.NO_CONTEXT);
            detail = Optional.of(none.reason());
        } else if (verdict instanceof Verdict.NoMatch) {
            by = Optional.of(RefusedBy.NO_RULE);
        }
        return new DryRun.Seen(Instant.now(), asked(request), roles(request), verdict, word, by, detail, question);
    }

    private Optional<Question> question(Governor governor, Request request, Way way) {
        if (way instanceof Way.Files files) {
            return files(request, files).map(Question.class::cast);
        }
        if (way instanceof Way.Programs) {
            Wrapper wrapper = request.getWrapper();
            String prefix = Optional.ofNullable(wrapper.findInitParameter("cgiPathPrefix"))
                    .map(String::trim)
                    .orElse("");
            String path = request.getPathInfo() == null ? request.getServletPath() : request.getPathInfo();
            boolean secure = governor.configuration().programs().mode() == ProgramSettings.Mode.SECURE;
            return folders.flatMap(ServedFolders::first)
                    .map(root -> new Question.Program(root, relative(prefix), relative(path), secure));
        }
        Optional<Question.Files> behind = way instanceof Way.Servlets code
                ? code.files().flatMap(files -> files(request, files))
                : Optional.empty();
        if (servlets == Servlets.UNCHANGED) {
            return behind.map(Question.class::cast);
        }
        return Optional.of(new Question.Twin(behind));
    }

    private Optional<Question.Files> files(Request request, Way.Files way) {
        boolean lists = "true".equalsIgnoreCase(request.getWrapper().findInitParameter("listings"));
        return folders.flatMap(served -> served.locate(way.path()))
                .map(located ->
                        new Question.Files(located.root(), located.place(), request.getMethod(), way.changes(), lists));
    }

    private static String relative(String path) {
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private Refusal.Asked asked(Request request) {
        return new Refusal.Asked(
                RequestScope.nextId(),
                Optional.ofNullable(request.getPrincipal()).map(Principal::getName),
                request.getRemoteAddr(),
                request.getMethod(),
                Optional.ofNullable(request.getDecodedRequestURI()),
                request.getHost().getName(),
                ((Context) getContainer()).getBaseName());
    }

    private static List<String> roles(Request request) {
        return request.getPrincipal() instanceof GenericPrincipal principal
                ? Arrays.stream(principal.getRoles()).sorted().toList()
                : List.of();
    }
}
