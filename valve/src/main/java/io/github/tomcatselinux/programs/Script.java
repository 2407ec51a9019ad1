// SPDX-License-Identifier: Apache-2.0
// The program that answers a request, as a URL and as a file.
package io.github.tomcatselinux.programs;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;

/**
 * Where a program is looked for.
 *
 * @param contextPath of the application, as the client wrote it
 * @param servletPath the part of the URL before {@code path}
 * @param prefix folder within the application
 * @param path what is looked for there, segment by segment, without a leading slash
 */
record Script(String contextPath, String servletPath, String prefix, String path) {

    /** As the mapping of the servlet says. With {@code *.cgi} there is no path info, and the servlet path is the path. */
    static Script of(HttpServletRequest request, String configuredPrefix) {
        boolean included = request.getAttribute(RequestDispatcher.INCLUDE_REQUEST_URI) != null;
        String contextPath = included
                ? (String) request.getAttribute(RequestDispatcher.INCLUDE_CONTEXT_PATH)
                : request.getContextPath();
        String servletPath = included
                ? (String) request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH)
                : request.getServletPath();
        String pathInfo =
                included ? (String) request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO) : request.getPathInfo();
        boolean byExtension = pathInfo == null;
        String before = byExtension ? "" : servletPath;
        String prefix = configuredPrefix.isEmpty() ? before.replaceAll("^/+", "") : configuredPrefix;
        return new Script(contextPath, before, prefix, (byExtension ? servletPath : pathInfo).replaceAll("^/+", ""));
    }

    /** {@code SCRIPT_NAME}: what in the URL names the program, with so many octets of the path being its own. */
    String name(String own) {
        return contextPath + servletPath + "/" + own;
    }

    /**
     * What of the path names a program.
     *
     * @param end the last part of the path
     * @param octets of that part, which name it
     */
    String upTo(String end, int octets) {
        String before = path.substring(0, path.length() - end.length());
        return before + new String(end.getBytes(StandardCharsets.UTF_8), 0, octets, StandardCharsets.UTF_8);
    }

    /** Its place within the application. */
    String place(String own) {
        return prefix.isEmpty() ? "/" + own : "/" + prefix + "/" + own;
    }
}
