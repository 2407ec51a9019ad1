// SPDX-License-Identifier: Apache-2.0
// An application that leaves the answer to another part of it.
package io.github.tomcatselinux.guest;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Forwards to where {@code forward} says, or includes what {@code include} names, behind the context that it runs in. */
public final class HandOnServlet extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String to = request.getParameter("forward");
        if (to != null) {
            request.getRequestDispatcher(to).forward(request, response);
            return;
        }
        RequestDispatcher included = request.getRequestDispatcher(request.getParameter("include"));
        String context =
                Files.readString(Path.of("/proc/thread-self/attr/current")).replace("\0", "");
        response.setContentType("text/plain");
        response.getWriter().println(context);
        included.include(request, response);
    }
}
