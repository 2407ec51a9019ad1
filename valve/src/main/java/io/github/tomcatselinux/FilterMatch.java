// SPDX-License-Identifier: Apache-2.0
// Whether an application's filter would run before a servlet.
package io.github.tomcatselinux;

import java.util.Arrays;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The filter mappings of an application (Jakarta Servlet 6, section 6.2.4). */
final class FilterMatch {
    /** Tomcat adds this one to every application; it looks at a request only if it asks for an upgrade. */
    private static final String WEBSOCKET = "org.apache.tomcat.websocket.server.WsFilter";

    private FilterMatch() {}

    /**
     * The name of the first filter that would run, if any would.
     *
     * @param dispatcher one of {@link FilterMap#REQUEST}, {@link FilterMap#ERROR}
     * @param path within the application
     * @param servlet the servlet's name
     * @param upgrade whether the client asks for an upgrade
     */
    static Optional<String> of(Context context, int dispatcher, String path, String servlet, boolean upgrade) {
        for (FilterMap map : context.findFilterMaps()) {
            boolean runs = (map.getDispatcherMapping() & dispatcher) != 0
                    && (matchesPath(map, path) || matchesServlet(map, servlet));
            if (runs && (upgrade || !isWebSocket(context, map))) {
                return Optional.of(map.getFilterName());
            }
        }
        return Optional.empty();
    }

    private static boolean isWebSocket(Context context, FilterMap map) {
        FilterDef filter = context.findFilterDef(map.getFilterName());
        return filter != null && WEBSOCKET.equals(filter.getFilterClass());
    }

    private static boolean matchesServlet(FilterMap map, String servlet) {
        return map.getMatchAllServletNames()
                || Arrays.asList(map.getServletNames()).contains(servlet);
    }

    private static boolean matchesPath(FilterMap map, String path) {
        return map.getMatchAllUrlPatterns()
                || Arrays.stream(map.getURLPatterns()).anyMatch(pattern -> UrlPattern.matches(pattern, path));
    }
}
