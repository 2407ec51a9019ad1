// SPDX-License-Identifier: Apache-2.0
// Which error pages Tomcat may dispatch to for a request that is not served unconfined.
package io.github.tomcatselinux;

import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * Tomcat dispatches to an application's error page after all valves of the application have returned, on the server's
 * own thread. A page that is a file comes from the request's helper then; a servlet, a JSP or a filter would run as the
 * server.
 */
final class ErrorPages {
    /**
     * No path that has to be decoded first, and so could be something else afterwards; and none that ends in a slash,
     * which a dispatcher maps once more, to a welcome file that may be a servlet.
     */
    private static final String PLAIN = "(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+(\\?[^#]*)?";

    private ErrorPages() {}

    /** Whether an error of this status makes no code of the application run. */
    static boolean areFiles(Context context, int status) {
        ErrorPage page = context.findErrorPage(status);
        if (page == null) {
            page = context.findErrorPage(0);
        }
        if (page == null) {
            return true;
        }
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
