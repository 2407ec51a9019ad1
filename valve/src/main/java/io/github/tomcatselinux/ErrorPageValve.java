// SPDX-License-Identifier: Apache-2.0
// Keeps an application's error pages from running as the server.
package io.github.tomcatselinux;

import io.github.tomcatselinux.ThreadSettings.Servlets;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.Context;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.res.StringManager;

/**
 * Stands in front of the authenticator. When an error comes back through it, for a request that a rule does not leave
 * unchanged, and its page is more than a file, that page runs on a confined thread; where the request has no context to
 * run it in, the answer is finished here: status and reason, nothing else.
 */
final class ErrorPageValve extends ValveBase implements Installed {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ErrorPageValve.class);

    private final SelinuxValve declared;

    ErrorPageValve(SelinuxValve declared) {
        super(true);
        this.declared = declared;
    }

    @Override
    public SelinuxValve declared() {
        return declared;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        try {
            getNext().invoke(request, response);
        } catch (ClientAbortException gone) {
            // Nobody is left to be told anything, and Tomcat looks for no page.
            throw gone;
        } catch (Throwable failed) {
            // Errors as well: of whatever Tomcat survives it looks for a page.
            ExceptionUtils.handleThrowable(failed);
            if (isUnchanged(request)) {
                throw failed;
            }
            LOG.error(SM.getString("errorPage.exception", LogText.quote(request.getDecodedRequestURI())), failed);
            request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, failed);
        }
        answer(request, response);
    }

    private void answer(Request request, Response response) {
        Optional<RequestScope> scope = declared.running().flatMap(governor -> RequestScope.of(governor, request));
        Optional<Throwable> thrown = ErrorPages.thrown(request);
        boolean answered = response.isError() && !response.isErrorReportRequired();
        boolean error = thrown.isPresent() || response.isErrorReportRequired();
        if (!error || answered || isUnchanged(request) || ConfinedThreads.isCurrent()) {
            return;
        }
        Context context = (Context) getContainer();
        Optional<ErrorPage> page = ErrorPages.of(context, response.getStatus(), thrown);
        boolean ofServlet = scope.map(RequestScope::ranServlets).orElse(false);
        if (thrown.isPresent() && !ofServlet) {
            finish(request, response, true);
        } else if (page.isPresent() && !ErrorPages.isFile(context, page.get())) {
            if (!answerConfined(context, request, response)) {
                finish(request, response, thrown.isPresent());
            }
        }
    }

    /** Dispatches to the page on a thread in the request's context, if it has one. */
    private boolean answerConfined(Context context, Request request, Response response) {
        Optional<Governor> governor = declared.running();
        Optional<RequestScope> scope = governor.flatMap(running -> RequestScope.of(running, request));
        Optional<String> named = scope.flatMap(RequestScope::named);
        if (named.isEmpty() || ServletMode.of(governor.get().configuration(), context) != Servlets.THREAD) {
            return false;
        }
        AtomicBoolean answered = new AtomicBoolean();
        try {
            // Whoever waits for a helper must not wait for us.
            scope.get().giveHelperBack();
            request.setAsyncSupported(false);
            ConfinedHttpRequest.cover(governor.get(), request);
            ConfinedDispatch.run(governor.get(), scope.get(), named.get(), request, () -> {
                answered.set(ErrorDispatch.answer(context, request, response));
            });
        } catch (Throwable failed) {
            ExceptionUtils.handleThrowable(failed);
            LOG.error(SM.getString("errorPage.exception", LogText.quote(request.getDecodedRequestURI())), failed);
        }
        return answered.get();
    }

    /** Whether its error pages run as Tomcat runs them. */
    private boolean isUnchanged(Request request) {
        Optional<Governor> governor = declared.running();
        if (governor.isEmpty()) {
            return false;
        }
        Context context = (Context) getContainer();
        return ServletMode.of(governor.get().configuration(), context) == Servlets.UNCHANGED
                || RequestScope.of(governor.get(), request)
                        .map(RequestScope::isUnchanged)
                        .orElse(false);
    }

    private void finish(Request request, Response response, boolean thrown) {
        int status = Math.max(
                response.getStatus(),
                thrown ? HttpServletResponse.SC_INTERNAL_SERVER_ERROR : HttpServletResponse.SC_BAD_REQUEST);
        Optional<Configuration> running = declared.running().map(Governor::configuration);
        PlainAnswer.send(request, response, status, thrown ? running : Optional.empty());
    }
}
