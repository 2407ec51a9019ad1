// SPDX-License-Identifier: Apache-2.0
// Which page an application has for an error, and whether it is more than a file.
package io.github.tomcatselinux;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * Tomcat dispatches to an application's error page after all valves of the application have returned, on the server's
 * own thread. A page that is a file comes from the request's helper then; a servlet, a JSP or a filter would run as the
 * server, and is dispatched to before, on a confined thread.
 */
final class ErrorPages {
    /**
     * No path that has to be decoded first, and so could be something else afterwards; and none that ends in a slash,
     * which a dispatcher maps once more, to a welcome file that may be a servlet.
     */
    private static final String PLAIN = "(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+(\\?[^#]*)?";

    /** The status of a response whose servlet threw something. */
    static final int FAILED = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;

    private ErrorPages() {}

    /** What was thrown, if that is why the response is an error. */
    static Optional<Throwable> thrown(Request request) {
        return Optional.ofNullable((Throwable) request.getAttribute(RequestDispatcher.ERROR_EXCEPTION));
    }

    /** What an exception was thrown for: pages are declared for that, too. */
    static Throwable root(Throwable thrown) {
        return thrown instanceof ServletException wrapper && wrapper.getRootCause() != null
                ? wrapper.getRootCause()
                : thrown;
    }

    /**
     * The page that an application declares for an error.
     *
     * @param status of the response
     * @param thrown what the servlet threw, if it did
     */
    static Optional<ErrorPage> of(Context context, int status, Optional<Throwable> thrown) {
        ErrorPage page = null;
        if (thrown.isPresent()) {
            Throwable root = root(thrown.get());
            if (root instanceof ClientAbortException) {
                // Nobody is left to be told anything.
                return Optional.empty();
            }
            page = context.findErrorPage(thrown.get());
            if (page == null) {
                page = context.findErrorPage(root);
            }
        }
        if (page == null) {
            page = context.findErrorPage(thrown.isPresent() ? Math.max(status, FAILED) : status);
        }
        return Optional.ofNullable(page == null ? context.findErrorPage(0) : page);
    }

    /** Whether no code of the application runs where this page is dispatched to. */
    static boolean isFile(Context context, ErrorPage page) {
        String location = page.getLocation();
        if (!isPlain(location)) {
            return false;
        }
        int query = location.indexOf('?');
        String path = query < 0 ? location : location.substring(0, query);
        for (Wrapper servlet : candidates(context, path)) {
            if (!servesFiles(servlet)
                    || FilterMatch.of(context, FilterMap.ERROR, path, servlet.getName(), true)
                            .isPresent()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a dispatcher maps this location as it is written, and once. */
    static boolean isPlain(String location) {
        return location.matches(PLAIN);
    }

    /** Whether all that the servlet does is to serve files. */
    static boolean servesFiles(Wrapper servlet) {
        return Way.DEFAULT_SERVLET.equals(servlet.getServletClass())
                && Way.STYLESHEETS.stream().allMatch(parameter -> servlet.findInitParameter(parameter) == null);
    }

    /** Every servlet that the path could be mapped to; which of them comes first does not matter here. */
    static List<Wrapper> candidates(Context context, String path) {
        List<Wrapper> servlets = new ArrayList<>();
        for (String pattern : context.findServletMappings()) {
            if (pattern.equals("/") || UrlPattern.matches(pattern, path)) {
                servlets.add((Wrapper) context.findChild(context.findServletMapping(pattern)));
            }
        }
        return servlets;
    }
}
