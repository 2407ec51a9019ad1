// SPDX-License-Identifier: Apache-2.0
// The answer to an error for which nothing of the application's may run.
package io.github.tomcatselinux;

import jakarta.servlet.RequestDispatcher;
import java.io.IOException;
import java.io.Writer;
import java.util.Optional;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.res.StringManager;

/** Status and reason, nothing else; Tomcat looks for no page behind it, whatever goes wrong here. */
final class PlainAnswer {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(PlainAnswer.class);

    private PlainAnswer() {}

    /**
     * Sends it; where an answer has begun, it is broken off.
     *
     * @param status of the response, if it has not begun
     * @param anew to take back what was said so far, but for what goes for every response; empty to keep it
     */
    static void send(Request request, Response response, int status, Optional<Configuration> anew) {
        try {
            request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
            response.setSuspended(false);
            if (response.isCommitted()) {
                breakOff(response);
            } else {
                write(request, response, status, anew);
            }
        } catch (Throwable failed) {
            ExceptionUtils.handleThrowable(failed);
            LOG.error(SM.getString("plainAnswer.failed", LogText.quote(request.getDecodedRequestURI())), failed);
            breakOff(response);
        }
    }

    private static void breakOff(Response response) {
        response.setErrorReported();
        response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
    }

    private static void write(Request request, Response response, int status, Optional<Configuration> anew)
            throws IOException {
        if (anew.isPresent()) {
            response.reset();
            Caching.limit(anew.get(), response);
            KeepAlive.of(anew.get(), request).apply(response);
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
