// SPDX-License-Identifier: Apache-2.0
// Keeps code of an application from leading a request to WebDAV that was decided for something else.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.RequestFiles;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * Locks and properties are in the server's memory, so the helper is asked for leave before the servlet runs. A forward or
 * an include does not come past that question: on such a way {@code WebdavServlet} only reads files (GET, HEAD, POST).
 */
final class ForwardedWebdav implements Filter {
    private static final String NAME = ForwardedWebdav.class.getName();

    /** Makes it a filter of the application, whose filters have to start later. */
    static void install(Context context) {
        if (context.findFilterDef(NAME) == null) {
            FilterDef filter = new FilterDef();
            filter.setFilterName(NAME);
            filter.setFilterClass(NAME);
            filter.setFilter(new ForwardedWebdav());
            filter.setAsyncSupported("true");
            context.addFilterDef(filter);
        }
    }

    /** Stands before the application's WebDAV servlets, as far as they are declared by now, if it is there. */
    static void guard(Context context) {
        if (context.findFilterDef(NAME) == null) {
            return;
        }
        Set<String> guarded = Arrays.stream(context.findFilterMaps())
                .filter(map -> NAME.equals(map.getFilterName()))
                .flatMap(map -> Arrays.stream(map.getServletNames()))
                .collect(Collectors.toSet());
        for (Container child : context.findChildren()) {
            if (child instanceof Wrapper wrapper
                    && Way.WEBDAV_SERVLET.equals(wrapper.getServletClass())
                    && !guarded.contains(wrapper.getName())) {
                FilterMap map = new FilterMap();
                map.setFilterName(NAME);
                map.setDispatcher("FORWARD");
                map.setDispatcher("INCLUDE");
                map.addServletName(wrapper.getName());
                context.addFilterMap(map);
            }
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!RequestFiles.isUnchanged() && !Methods.read(((HttpServletRequest) request).getMethod())) {
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_FORBIDDEN);
        } else {
            chain.doFilter(request, response);
        }
    }
}
