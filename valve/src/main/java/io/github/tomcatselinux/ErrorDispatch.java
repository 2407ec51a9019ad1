// SPDX-License-Identifier: Apache-2.0
// Answers an error with the application's own page, as StandardHostValve would on the server's thread.
package io.github.tomcatselinux;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.res.StringManager;

/** To be run where the page is to run: whatever it is, it runs here (Jakarta Servlet 6, section 10.9). */
final class ErrorDispatch {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ErrorDispatch.class);

    private ErrorDispatch() {}

    /**
     * Looks whether the response is an error that has a page, and sends that.
     *
     * @return whether the error is answered now
     */
    static boolean answer(Context context, Request request, Response response) {
        if (!response.isErrorReportRequired() || !isIoAllowed(response)) {
            return false;
        }
        Optional<Throwable> thrown = ErrorPages.thrown(request);
        Optional<ErrorPage> page = ErrorPages.of(context, response.getStatus(), thrown);
        if (page.isEmpty()) {
            return false;
        }
        response.setSuspended(false);
        response.setAppCommitted(false);
        describe(request, response, page.get(), thrown);
        try {
            return send(context, request, response, page.get().getLocation());
        } catch (IOException | ServletException | RuntimeException failed) {
            ServerErrand.log(() -> LOG.error(
                    SM.getString("errorPage.failed", LogText.quote(page.get().getLocation())), failed));
            return false;
        }
    }

    private static boolean send(Context context, Request request, Response response, String location)
            throws IOException, ServletException {
        RequestDispatcher page = context.getServletContext().getRequestDispatcher(location);
        if (page == null) {
            ServerErrand.log(() -> LOG.error(SM.getString("errorPage.nowhere", LogText.quote(location))));
            return false;
        }
        if (response.isCommitted()) {
            page.include(request.getRequest(), response.getResponse());
            response.setErrorReported();
            response.flushBuffer();
            // What was sent before is not what was asked for: the client learns that by the broken connection.
            response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
            return true;
        }
        response.resetBuffer(true);
        response.setContentLength(-1);
        page.forward(request.getRequest(), response.getResponse());
        response.setSuspended(false);
        response.setErrorReported();
        response.finishResponse();
        return true;
    }

    private static void describe(Request request, Response response, ErrorPage page, Optional<Throwable> thrown) {
        request.setAttribute(
                RequestDispatcher.ERROR_STATUS_CODE, thrown.isPresent() ? ErrorPages.FAILED : response.getStatus());
        String message = thrown.isPresent() ? thrown.get().getMessage() : response.getMessage();
        request.setAttribute(RequestDispatcher.ERROR_MESSAGE, message == null ? "" : message);
        request.setAttribute(RequestDispatcher.ERROR_REQUEST_URI, request.getRequestURI());
        thrown.map(ErrorPages::root).ifPresent(root -> {
            request.setAttribute(RequestDispatcher.ERROR_EXCEPTION_TYPE, root.getClass());
            request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, root);
        });
        if (request.getWrapper() != null) {
            request.setAttribute(
                    RequestDispatcher.ERROR_SERVLET_NAME, request.getWrapper().getName());
        }
        request.setAttribute(Globals.DISPATCHER_REQUEST_PATH_ATTR, page.getLocation());
        request.setAttribute(Globals.DISPATCHER_TYPE_ATTR, DispatcherType.ERROR);
    }

    private static boolean isIoAllowed(Response response) {
        AtomicBoolean allowed = new AtomicBoolean();
        response.getCoyoteResponse().action(ActionCode.IS_IO_ALLOWED, allowed);
        return allowed.get();
    }
}
