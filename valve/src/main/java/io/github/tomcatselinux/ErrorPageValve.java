// SPDX-License-Identifier: Apache-2.0
// Keeps an application's error pages from running as the server.
package io.github.tomcatselinux;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.Context;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Stands in front of the authenticator. When an error comes back through it, for a request that a rule does not leave
 * unchanged, and its page is more than a file, the answer is finished here: status and reason, nothing else.
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
        } catch (IOException | ServletException | RuntimeException failed) {
            if (isUnchanged(request)) {
                throw failed;
            }
            LOG.error(SM.getString("errorPage.exception", LogText.quote(request.getDecodedRequestURI())), failed);
            request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, failed);
        }
        boolean thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null;
        boolean error = thrown || response.isErrorReportRequired();
        if (!error || isUnchanged(request)) {
            return;
        }
        if (thrown || !ErrorPages.areFiles((Context) getContainer(), response.getStatus())) {
            finish(request, response, thrown);
        }
    }

    private boolean isUnchanged(Request request) {
        return declared.running()
                .flatMap(governor -> RequestScope.of(governor, request))
                .map(RequestScope::isUnchanged)
                .orElse(false);
    }

    private void finish(Request request, Response response, boolean thrown) throws IOException {
        request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        int status = Math.max(
                response.getStatus(),
                thrown ? HttpServletResponse.SC_INTERNAL_SERVER_ERROR : HttpServletResponse.SC_BAD_REQUEST);
        response.setSuspended(false);
        if (response.isCommitted()) {
            response.setErrorReported();
            response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
            return;
        }
        if (thrown) {
            response.reset();
            declared.running().map(Governor::configuration).ifPresent(configuration -> {
                Caching.limit(configuration, response);
                KeepAlive.of(configuration, request).apply(response);
            });
        }
        response.sendError(status);
        response.setErrorReported();
        response.setSuspended(false);
        response.setContentType("text/plain");
        response.setCharacterEncoding("UTF-8");
        Writer report = response.getReporter();
        if (report != null) {
            report.write(SM.getString("errorPage.body", String.valueOf(status)));
        }
    }
}
