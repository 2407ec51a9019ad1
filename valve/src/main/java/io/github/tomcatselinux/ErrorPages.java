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
        int query = location.indexOf('?');
        String path = query < 0 ? location : location.substring(0, query);
        for (Wrapper servlet : candidates(context, path)) {
            boolean file = Way.DEFAULT_SERVLET.equals(servlet.getServletClass());
            if (!file
                    || FilterMatch.of(context, FilterMap.ERROR, path, servlet.getName(), true)
                            .isPresent()) {
                return false;
            }
        }
        return true;
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
