// SPDX-License-Identifier: Apache-2.0
// Whether an application's filter would run for a request.
package io.github.tomcatselinux;

import java.util.Arrays;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The filter mappings of Jakarta Servlet 6, sections 6.2.4 and 12.2, for the dispatcher type REQUEST. */
final class FilterMatch {
    /** Tomcat adds this one to every application; it looks at a request only if it asks for an upgrade. */
    private static final String WEBSOCKET = "org.apache.tomcat.websocket.server.WsFilter";

    private FilterMatch() {}

    /** The name of the first filter that would run before the servlet, if any would. */
    static Optional<String> of(Request request, Context context, Wrapper wrapper) {
        String path = request.getRequestPathMB().toString();
        for (FilterMap map : context.findFilterMaps()) {
            boolean onRequest = (map.getDispatcherMapping() & FilterMap.REQUEST) != 0;
            if (onRequest
                    && (matchesPath(map, path) || matchesServlet(map, wrapper))
                    && !isHarmless(map, request, context)) {
                return Optional.of(map.getFilterName());
            }
        }
        return Optional.empty();
    }

    private static boolean isHarmless(FilterMap map, Request request, Context context) {
        FilterDef filter = context.findFilterDef(map.getFilterName());
        return filter != null && WEBSOCKET.equals(filter.getFilterClass()) && request.getHeader("Upgrade") == null;
    }

    private static boolean matchesServlet(FilterMap map, Wrapper wrapper) {
        return map.getMatchAllServletNames()
                || Arrays.asList(map.getServletNames()).contains(wrapper.getName());
    }

    private static boolean matchesPath(FilterMap map, String path) {
        return map.getMatchAllUrlPatterns()
                || Arrays.stream(map.getURLPatterns()).anyMatch(pattern -> matches(pattern, path));
    }

    private static boolean matches(String pattern, String path) {
        if (pattern.equals("/*")) {
            return true;
        }
        if (pattern.endsWith("/*")) {
            String folder = pattern.substring(0, pattern.length() - 2);
            return path.equals(folder) || path.startsWith(folder + "/");
        }
        if (pattern.startsWith("*.")) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            return name.endsWith(pattern.substring(1)) && name.length() > pattern.length() - 1;
        }
        return pattern.equals(path);
    }
}
