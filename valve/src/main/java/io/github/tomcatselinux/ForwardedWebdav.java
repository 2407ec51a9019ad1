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
import java.util.List;
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

    /** Stands before the application's WebDAV servlets, as far as they are declared by now; its filters have to start later. */
    static void guard(Context context) {
        List<String> servlets = Arrays.stream(context.findChildren())
                .filter(child ->
                        child instanceof Wrapper wrapper && Way.WEBDAV_SERVLET.equals(wrapper.getServletClass()))
                .map(Container::getName)
                .toList();
        if (servlets.isEmpty() || context.findFilterDef(NAME) != null) {
            return;
        }
        FilterDef filter = new FilterDef();
        filter.setFilterName(NAME);
        filter.setFilterClass(NAME);
        filter.setFilter(new ForwardedWebdav());
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName(NAME);
        map.setDispatcher("FORWARD");
        map.setDispatcher("INCLUDE");
        servlets.forEach(map::addServletName);
        context.addFilterMap(map);
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
