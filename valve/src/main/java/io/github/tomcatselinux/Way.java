// SPDX-License-Identifier: Apache-2.0
// How a request that a rule applies to can be served.
package io.github.tomcatselinux;

import io.github.tomcatselinux.programs.ProgramServlet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.res.StringManager;

/** The ways of dispatch. What has no way is refused, never served without one. */
sealed interface Way {

    /**
     * {@code DefaultServlet} or {@code WebdavServlet} runs, and every file that it asks for comes from the request's
     * helper.
     *
     * @param path what the servlet takes the request to name
     * @param changes whether the helper may change files: the servlet may, and the method is one that does
     */
    record Files(String path, boolean changes) implements Way {}

    /** {@link ProgramServlet} has a helper run the program. */
    record Programs() implements Way {}

    /** There is no way yet. */
    record None(String reason) implements Way {}

    /** The servlet that asks for files and does nothing else. */
    String DEFAULT_SERVLET = "org.apache.catalina.servlets.DefaultServlet";

    /** The same with WebDAV. */
    String WEBDAV_SERVLET = "org.apache.catalina.servlets.WebdavServlet";

    /** Ours, which stands where an application has declared Tomcat's. */
    String PROGRAM_SERVLET = ProgramServlet.class.getName();

    /** Stylesheets are programs, and the JVM would run them as the server. */
    List<String> STYLESHEETS = List.of("localXsltFile", "contextXsltFile", "globalXsltFile");

    /** Beside them, code of somebody else's, and WEB-INF for clients. */
    List<String> FOREIGN_WEBDAV = Stream.concat(STYLESHEETS.stream(), Stream.of("propertyStore", "allowSpecialPaths"))
            .toList();

    /** The way for a request whose mapping is complete. */
    static Way of(Request request, Context context, Wrapper wrapper) {
        StringManager sm = StringManager.getManager(Way.class);
        if (PROGRAM_SERVLET.equals(wrapper.getServletClass())) {
            return filterBefore(request, context, wrapper).orElseGet(Programs::new);
        }
        boolean webdav = WEBDAV_SERVLET.equals(wrapper.getServletClass());
        if (!webdav && !DEFAULT_SERVLET.equals(wrapper.getServletClass())) {
            return new None(sm.getString("way.servlet", wrapper.getName(), wrapper.getServletClass()));
        }
        for (String parameter : webdav ? FOREIGN_WEBDAV : STYLESHEETS) {
            if (wrapper.findInitParameter(parameter) != null) {
                return new None(sm.getString("way.parameter", wrapper.getName(), parameter));
            }
        }
        boolean changes =
                "false".equalsIgnoreCase(wrapper.findInitParameter("readonly")) && Methods.change(request.getMethod());
        return filterBefore(request, context, wrapper)
                .orElseGet(() -> new Files(webdav ? webdavPath(request, wrapper) : requestPath(request), changes));
    }

    /** An application's filter would run as the server. */
    private static Optional<Way> filterBefore(Request request, Context context, Wrapper wrapper) {
        StringManager sm = StringManager.getManager(Way.class);
        return FilterMatch.of(
                        context,
                        FilterMap.REQUEST,
                        requestPath(request),
                        wrapper.getName(),
                        request.getHeader("Upgrade") != null)
                .map(name -> new None(sm.getString("way.filter", name)));
    }

    private static String requestPath(Request request) {
        return request.getRequestPathMB().toString();
    }

    /** As {@code WebdavServlet.getRelativePath} has it: where it is mapped below a folder, that stands for the whole. */
    private static String webdavPath(Request request, Wrapper wrapper) {
        if ("true".equalsIgnoreCase(wrapper.findInitParameter("serveSubpathOnly"))) {
            return requestPath(request);
        }
        return request.getPathInfo() == null ? "/" : request.getPathInfo();
    }
}
