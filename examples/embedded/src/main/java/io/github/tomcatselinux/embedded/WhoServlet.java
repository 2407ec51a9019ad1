// SPDX-License-Identifier: Apache-2.0
// Says who asks, and in which context the answer is made.
package io.github.tomcatselinux.embedded;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs on a confined thread. */
final class WhoServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final Path CONTEXT = Path.of("/proc/thread-self/attr/current");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        String context = Files.readString(CONTEXT).replace("\0", "").strip();
        response.getWriter().println(request.getRemoteUser() + " in " + context);
    }
}
