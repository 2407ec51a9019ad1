// SPDX-License-Identifier: Apache-2.0
// Behind the authenticator of one application: decides, confines, and fails closed.
package io.github.tomcatselinux;

import io.github.tomcatselinux.ThreadSettings.Servlets;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.files.RefusedChange;
import io.github.tomcatselinux.launcher.HelperException;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * The one place where a request is decided and the one place where its failure is handled. Every path through
 * {@link #invoke} either hands the request on with a helper that proved its context, hands it on because a rule says
 * {@code unchanged}, or ends in an error status.
 */
final class ConfinementValve extends ValveBase implements Installed {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ConfinementValve.class);

    /** Tomcat's own words for a file that is not there. */
    private static final StringManager SERVLETS = StringManager.getManager(DefaultServlet.class);

    /** Served by Tomcat as the server: what access logs call that. */
    private static final String UNCHANGED = "unchanged";

    /** RFC 4918, section 11.5. */
    private static final int SC_INSUFFICIENT_STORAGE = 507;

    /** RFC 6585, section 4. */
    private static final int SC_TOO_MANY_REQUESTS = 429;

    private final SelinuxValve declared;
    private volatile Servlets servlets = Servlets.DENY;

    ConfinementValve(SelinuxValve declared) {
        super(true);
        this.declared = declared;
    }

    @Override
    public SelinuxValve declared() {
        return declared;
    }

    @Override
    protected void startInternal() throws LifecycleException {
        Context context = (Context) getContainer();
        try {
            Governor governor = declared.governor();
            servlets = ServletMode.of(governor.configuration(), context);
            if (servlets != governor.configuration().threads().servlets()) {
                LOG.info(SM.getString("confinement.manager", context.getBaseName()));
            }
            if (governor.configuration().hidesDenied() && context.getMapperDirectoryRedirectEnabled()) {
                throw new ConfigurationException(SM.getString("confinement.redirects"));
            }
            if (governor.configuration().threads().allowAsync() && declared.getContainer() instanceof Context) {
                throw new ConfigurationException(SM.getString("confinement.async"));
            }
            ConfinedRoot files = ContextHook.requireOurs(context, this);
            files.grant();
            ConfigurationException.throwIf(governor.preflight(context, declared.connectors(), files.roots(false)));
            if (!files.roots(false).isEmpty()) {
                governor.requireReachable(files.roots(false));
            }
            if (ProgramHook.isIn(context)) {
                governor.helpers().requirePrograms();
            }
        } catch (IllegalArgumentException unservable) {
            throw new LifecycleException(
                    SM.getString("confinement.stopped", context.getBaseName(), unservable.getMessage()), unservable);
        } catch (ConfigurationException wrong) {
            throw new LifecycleException(
                    SM.getString("confinement.stopped", context.getBaseName(), wrong.getMessage()), wrong);
        }
        declared.confined(context, true);
        super.startInternal();
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        declared.confined((Context) getContainer(), false);
        super.stopInternal();
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        Optional<Governor> running = declared.running();
        if (running.isEmpty()) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        Governor governor = running.get();
        Optional<RequestScope> entered = RequestScope.of(governor, request);
        if (entered.isPresent()) {
            decide(governor, entered.get(), request, response);
            return;
        }
        // The declared valve was passed by (RewriteValve can skip one): the scope begins here.
        KeepAlive keepAlive = KeepAlive.of(governor.configuration(), request);
        try (RequestScope scope = RequestScope.open(governor, request)) {
            if (keepAlive.admits(response)) {
                decide(governor, scope, request, response);
                keepAlive.apply(response);
            }
        }
    }

    private void decide(Governor governor, RequestScope scope, Request request, Response response)
            throws IOException, ServletException {
        Optional<String> objection = governor.objection();
        if (objection.isPresent()) {
            String line = SM.getString("confinement.notEnforcing", scope.id(), objection.get());
            governor.refusals().report(scope, RefusedBy.NOT_ENFORCING, objection, () -> LOG.error(line));
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        Verdict verdict = scope.decide();
        if (!(verdict instanceof Verdict.Unchanged)) {
            Caching.limit(governor.configuration(), response);
            forbidSendfile(request);
        }
        if (verdict instanceof Verdict.Confine confine) {
            confine(governor, confine, scope, request, response);
        } else if (verdict instanceof Verdict.Unchanged) {
            scope.goes(UNCHANGED);
            getNext().invoke(request, response);
        } else if (verdict instanceof Verdict.Deny deny) {
            String line = SM.getString("confinement.denied", scope.describe(), deny.rule());
            governor.refusals().report(scope, RefusedBy.RULE, Optional.empty(), () -> LOG.info(line));
            answerDenied(governor, request, response);
        } else if (verdict instanceof Verdict.NoContext none) {
            refuse(governor, none, scope, request, response);
        } else {
            String line = SM.getString("confinement.noMatch", scope.describe());
            governor.refusals().report(scope, RefusedBy.NO_RULE, Optional.empty(), () -> LOG.info(line));
            answerDenied(governor, request, response);
        }
    }

    private void confine(
            Governor governor, Verdict.Confine verdict, RequestScope scope, Request request, Response response)
            throws IOException, ServletException {
        Context context = (Context) getContainer();
        if (request.getWrapper() == null) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        if (turnsAway(governor, scope, request, response)) {
            return;
        }
        try {
            Optional<Way> way = admit(governor, verdict, scope, request, response);
            if (way.isEmpty()) {
                return;
            }
            boolean code = way.get() instanceof Way.Servlets;
            if (!code || servlets != Servlets.UNCHANGED) {
                // Asynchronous processing leaves the thread, and with it the scope.
                request.setAsyncSupported(false);
            }
            if (code && servlets == Servlets.THREAD) {
                Optional<ServletException> failed = initialize(request.getWrapper());
                ConfinedHttpRequest.cover(governor, request);
                ConfinedDispatch.run(governor, scope, verdict.context(), request, () -> {
                    if (failed.isPresent()) {
                        answerAsTomcat(failed.get(), request, response);
                    } else {
                        serve(governor, verdict, scope, request, response);
                        refuseUpgrade(scope, response);
                    }
                    answerError(governor, scope, context, request, response);
                });
            } else {
                serve(governor, verdict, scope, request, response);
            }
        } catch (HelperException failed) {
            fail(governor, failed, verdict, scope, request, response);
        }
    }

    /**
     * Initialises what a confined thread could reach by a forward. To be called by a thread of the server's as the
     * application has started; what fails is tried again when somebody asks for it, as ever.
     */
    void initializeServlets() {
        if (servlets != Servlets.THREAD) {
            return;
        }
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        thread.setContextClassLoader(((Context) getContainer()).getLoader().getClassLoader());
        try {
            for (Container child : getContainer().findChildren()) {
                if (child instanceof Wrapper wrapper) {
                    initialize(wrapper)
                            .ifPresent(
                                    failed -> LOG.warn(SM.getString("confinement.servlet", wrapper.getName()), failed));
                }
            }
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    /**
     * What a servlet starts as it is initialised must not inherit the context of whoever happens to ask for it first.
     *
     * @return what went wrong; a servlet that is only unavailable is Tomcat's affair, which does not try again then
     */
    private static Optional<ServletException> initialize(Wrapper wrapper) {
        if (wrapper.isUnavailable()) {
            return Optional.empty();
        }
        try {
            wrapper.deallocate(wrapper.allocate());
            return Optional.empty();
        } catch (UnavailableException unavailable) {
            return Optional.empty();
        } catch (ServletException failed) {
            return Optional.of(failed);
        }
    }

    /** By the application's page if it has one, in a context no wider than what failed. */
    private static void answerError(
            Governor governor, RequestScope scope, Context context, Request request, Response response)
            throws IOException, ServletException {
        if (scope.isNarrowed() && response.isErrorReportRequired()) {
            ConfinedDispatch.inForce(governor, scope, request, () -> ErrorDispatch.answer(context, request, response));
        } else {
            ErrorDispatch.answer(context, request, response);
        }
    }

    /** As StandardWrapperValve answers for a servlet that fails to initialise. */
    private static void answerAsTomcat(ServletException failed, Request request, Response response) throws IOException {
        ServerErrand.log(() -> LOG.error(
                SM.getString("confinement.servlet", request.getWrapper().getName()), failed));
        request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, failed);
        response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    }

    /** The way in which the request is served, if it is; else it is answered. */
    private Optional<Way> admit(
            Governor governor, Verdict.Confine verdict, RequestScope scope, Request request, Response response)
            throws IOException {
        Context context = (Context) getContainer();
        if (governor.configuration().hidesDenied()
                && WelcomeFile.isHidden(request, context)
                && !WelcomeFile.chooseAgain(request, context)) {
            String line = SM.getString("confinement.welcome", scope.describe());
            governor.refusals().report(scope, RefusedBy.WELCOME_FILE, Optional.empty(), () -> LOG.info(line));
            answerDenied(governor, request, response);
            return Optional.empty();
        }
        Way way = Way.of(request, context, request.getWrapper());
        Optional<String> obstacle = obstacle(way, request);
        if (obstacle.isPresent()) {
            String line = SM.getString("confinement.noWay", scope.describe(), verdict.rule(), obstacle.get());
            governor.refusals().report(scope, RefusedBy.NO_WAY, obstacle, () -> LOG.info(line));
            answerDenied(governor, request, response);
            return Optional.empty();
        }
        scope.goes(way instanceof Way.Servlets && servlets == Servlets.UNCHANGED ? UNCHANGED : way.word());
        boolean files = way instanceof Way.Files
                || (way instanceof Way.Servlets code && code.files().isPresent());
        if (files && Methods.isPartial(request)) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return Optional.empty();
        }
        if (!FileRequest.prepare(request, way, scope, (ConfinedRoot) context.getResources())) {
            answerDenied(governor, request, response);
            return Optional.empty();
        }
        return Optional.of(way);
    }

    /** Why it is not served at all, if so. */
    private Optional<String> obstacle(Way way, Request request) {
        if (way instanceof Way.None none) {
            return Optional.of(none.reason());
        }
        if (!(way instanceof Way.Servlets code) || servlets == Servlets.UNCHANGED) {
            return Optional.empty();
        }
        if (servlets == Servlets.DENY) {
            return Optional.of(code.reason());
        }
        return "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
                ? Optional.of(SM.getString("confinement.webSocket"))
                : Optional.empty();
    }

    private void serve(
            Governor governor, Verdict.Confine verdict, RequestScope scope, Request request, Response response)
            throws IOException, ServletException {
        getNext().invoke(request, response);
        answerFailure(governor, verdict, scope, request, response);
    }

    /** Who has got hold of what our request wraps may have upgraded it: before the server's threads go on, it ends here. */
    private static void refuseUpgrade(RequestScope scope, Response response) {
        if (response.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
            ServerErrand.log(() -> LOG.error(SM.getString("confinement.upgraded", scope.describe())));
            response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
        }
    }

    /** What Tomcat's servlet threw, because its resources did: the client is told what it may know of it. */
    private static void answerFailure(
            Governor governor, Verdict.Confine verdict, RequestScope scope, Request request, Response response)
            throws IOException {
        Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        Optional<HelperException> failed = cause(HelperException.class, thrown);
        Optional<RefusedChange> refused = cause(RefusedChange.class, thrown);
        if (failed.isEmpty() && refused.isEmpty()) {
            return;
        }
        if (failed.isPresent()) {
            fail(governor, failed.get(), verdict, scope, request, response);
        } else if (!response.isCommitted()) {
            beginAnew(governor, request, response);
            switch (refused.get().reason()) {
                case DENIED -> answerDenied(governor, request, response);
                case FULL -> {
                    ServerErrand.log(() -> LOG.warn(SM.getString(
                            "confinement.full", scope.describe(), refused.get().getMessage())));
                    response.sendError(SC_INSUFFICIENT_STORAGE);
                }
            }
        }
        if (!response.isCommitted()) {
            // Tomcat's report would show the client what only the log may know.
            request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        }
    }

    private static <T extends Throwable> Optional<T> cause(Class<T> kind, Object thrown) {
        Throwable cause = thrown instanceof Throwable throwable ? throwable : null;
        while (cause != null && !kind.isInstance(cause)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(cause).map(kind::cast);
    }

    /**
     * Sendfile would have the connector open a file by its name, later and as the server. Tomcat's servlet does not ask
     * for it now; code of the application that ran before may have, and with the connector it is enough to have asked.
     */
    private static void forbidSendfile(Request request) {
        request.getCoyoteRequest().setSendfile(false);
        request.removeAttribute(Globals.SENDFILE_FILENAME_ATTR);
    }

    /** What should have supplied its context did not, or supplied one that is none. */
    private static void refuse(
            Governor governor, Verdict.NoContext none, RequestScope scope, Request request, Response response)
            throws IOException {
        String line = SM.getString("confinement.noContext", scope.describe(), none.rule(), none.reason());
        governor.refusals().report(scope, RefusedBy.NO_CONTEXT, Optional.of(none.reason()), () -> LOG.warn(line));
        if (none.passing()) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } else {
            answerDenied(governor, request, response);
        }
    }

    /** Whether the client was refused too much of late; then it is answered, without a word to the kernel. */
    static boolean turnsAway(Governor governor, RequestScope scope, Request request, Response response)
            throws IOException {
        Optional<Duration> left = governor.refusals().turnsAway(scope);
        if (left.isPresent()) {
            response.setHeader("Retry-After", String.valueOf(left.get().toSeconds() + 1));
            // Not the application's page: that is a file, too.
            PlainAnswer.send(request, response, SC_TOO_MANY_REQUESTS, Optional.empty());
        }
        return left.isPresent();
    }

    /** Answers as if there were nothing, in the words of DefaultServlet, where that is asked for. */
    static void answerDenied(Governor governor, Request request, Response response) throws IOException {
        if (governor.configuration().hidesDenied()) {
            response.sendError(
                    HttpServletResponse.SC_NOT_FOUND,
                    SERVLETS.getString("defaultServlet.missingResource", request.getRequestURI()));
        } else {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
        }
    }

    /** Takes back what the servlet has said, and says again what goes for each response. */
    private static void beginAnew(Governor governor, Request request, Response response) {
        response.setSuspended(false);
        response.reset();
        Caching.limit(governor.configuration(), response);
        KeepAlive.of(governor.configuration(), request).apply(response);
    }

    /** Ends a request that could not be confined. Where bytes were sent already the connection is broken behind us. */
    private static void fail(
            Governor governor,
            HelperException failed,
            Verdict.Confine verdict,
            RequestScope scope,
            Request request,
            Response response)
            throws IOException {
        String line = SM.getString(
                "confinement.failed", scope.describe(), verdict.rule(), verdict.context(), failed.getMessage());
        governor.refusals().report(scope, failed, () -> LOG.error(line));
        governor.helpers().numbers().failed(failed);
        if (response.isCommitted()) {
            return;
        }
        beginAnew(governor, request, response);
        switch (failed.reason()) {
            case REFUSED -> response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            case UNAVAILABLE -> response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            case OVERLOADED -> {
                response.setHeader("Retry-After", "1");
                response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            }
        }
    }
}
