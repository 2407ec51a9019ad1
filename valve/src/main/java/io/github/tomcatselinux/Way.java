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

    /** What access logs and events call it. */
    String word();

    /**
     * {@code DefaultServlet} or {@code WebdavServlet} runs, and every file that it asks for comes from the request's
     * helper.
     *
     * @param path what the servlet takes the request to name
     * @param changes whether the helper may change files: the servlet may, and the method is one that does
     */
    record Files(String path, boolean changes) implements Way {
        @Override
        public String word() {
            return "file";
        }
    }

    /** {@link ProgramServlet} has a helper run the program. */
    record Programs() implements Way {
        @Override
        public String word() {
            return "program";
        }
    }

    /**
     * Code of the application runs, on a thread in the request's context.
     *
     * @param files the servlet behind it that asks for files; empty where there is another
     * @param reason why it cannot be served without that code
     */
    record Servlets(Optional<Files> files, String reason) implements Way {
        @Override
        public String word() {
            return "servlet";
        }
    }

    /** There is no way. */
    record None(String reason) implements Way {
        @Override
        public String word() {
            return "none";
        }
    }

    /** The servlet that asks for files and does nothing else. */
    String DEFAULT_SERVLET = "org.apache.catalina.servlets.DefaultServlet";

    /** The same with WebDAV. */
    String WEBDAV_SERVLET = "org.apache.catalina.servlets.WebdavServlet";

    /** Ours, which stands where an application has declared Tomcat's. */
    String PROGRAM_SERVLET = ProgramServlet.class.getName();

    /** Tomcat's own, which stays only where no programs are to run. */
    String CGI_SERVLET = "org.apache.catalina.servlets.CGIServlet";

    /** Stylesheets are programs, and the JVM runs them. */
    List<String> STYLESHEETS = List.of("localXsltFile", "contextXsltFile", "globalXsltFile");

    /** Beside them, code of somebody else's. */
    List<String> FOREIGN_WEBDAV =
            Stream.concat(STYLESHEETS.stream(), Stream.of("propertyStore")).toList();

    /** WEB-INF for clients: what is there is read without a helper. */
    String SPECIAL_PATHS = "allowSpecialPaths";

    /** The way for a request whose mapping is complete. */
    static Way of(Request request, Context context, Wrapper wrapper) {
        return of(request, context, wrapper, PROGRAM_SERVLET);
    }

    /**
     * The way that a request would go, were ours in the place of Tomcat's own servlets.
     *
     * @param programs whether programs would be run
     */
    static Way planned(Request request, Context context, Wrapper wrapper, boolean programs) {
        return of(request, context, wrapper, programs ? CGI_SERVLET : PROGRAM_SERVLET);
    }

    private static Way of(Request request, Context context, Wrapper wrapper, String programServlet) {
        StringManager sm = StringManager.getManager(Way.class);
        Optional<String> filter = filterBefore(request, context, wrapper).map(name -> sm.getString("way.filter", name));
        if (programServlet.equals(wrapper.getServletClass())) {
            return filter.<Way>map(reason -> new Servlets(Optional.empty(), reason))
                    .orElseGet(Programs::new);
        }
        if (CGI_SERVLET.equals(wrapper.getServletClass())) {
            return new None(sm.getString("way.programs", wrapper.getName()));
        }
        boolean webdav = WEBDAV_SERVLET.equals(wrapper.getServletClass());
        if (!webdav && !DEFAULT_SERVLET.equals(wrapper.getServletClass())) {
            return new Servlets(
                    Optional.empty(), sm.getString("way.servlet", wrapper.getName(), wrapper.getServletClass()));
        }
        if (webdav && wrapper.findInitParameter(SPECIAL_PATHS) != null) {
            return new None(sm.getString("way.parameter", wrapper.getName(), SPECIAL_PATHS));
        }
        boolean changes = isWritable(wrapper) && Methods.change(request.getMethod());
        Files files = new Files(webdav ? webdavPath(request, wrapper) : requestPath(request), changes);
        for (String parameter : webdav ? FOREIGN_WEBDAV : STYLESHEETS) {
            if (wrapper.findInitParameter(parameter) != null) {
                return new Servlets(Optional.of(files), sm.getString("way.code", wrapper.getName(), parameter));
            }
        }
        return filter.<Way>map(reason -> new Servlets(Optional.of(files), reason))
                .orElse(files);
    }

    /** As {@code DefaultServlet.init} has it: whatever is said and is not {@code true}. */
    private static boolean isWritable(Wrapper wrapper) {
        String readonly = wrapper.findInitParameter("readonly");
        return readonly != null && !Boolean.parseBoolean(readonly);
    }

    /** The application's filter that would run. */
    private static Optional<String> filterBefore(Request request, Context context, Wrapper wrapper) {
        return FilterMatch.of(
                context,
                FilterMap.REQUEST,
                requestPath(request),
                wrapper.getName(),
                request.getHeader("Upgrade") != null);
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
