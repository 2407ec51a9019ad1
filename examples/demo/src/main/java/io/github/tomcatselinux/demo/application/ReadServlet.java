// SPDX-License-Identifier: Apache-2.0
// Gives each user the files in a folder of their own; or so its author thought.
package io.github.tomcatselinux.demo.application;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bug: a file's name may lead out of the folder (CWE-22). */
public final class ReadServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final Path FOLDERS = Path.of("/srv/tomcat/data");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Path own = FOLDERS.resolve(request.getRemoteUser());
        response.setContentType("text/plain");
        response.getWriter().print(Files.readString(own.resolve(request.getParameter("file"))));
    }
}
