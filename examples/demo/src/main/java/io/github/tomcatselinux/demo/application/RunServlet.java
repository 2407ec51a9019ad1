// SPDX-License-Identifier: Apache-2.0
// Tells whether a machine is known; and whatever else it is asked.
package io.github.tomcatselinux.demo.application;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The bug: what the client sends becomes a part of a shell's command (CWE-78). */
public final class RunServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String[] command = {"sh", "-c", "getent hosts " + request.getParameter("machine")};
        Process program = Runtime.getRuntime().exec(command);
        program.getOutputStream().close();
        response.setContentType("text/plain");
        program.getInputStream().transferTo(response.getOutputStream());
    }
}
