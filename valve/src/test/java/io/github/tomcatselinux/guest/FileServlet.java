// SPDX-License-Identifier: Apache-2.0
// An application that opens whatever file it is told to: what its author forgot, the kernel has to know.
package io.github.tomcatselinux.guest;

import io.github.tomcatselinux.kernel.FileLabels;
import io.github.tomcatselinux.kernel.SecurityContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Answers with the context that it runs in, and what it read: 403 where the kernel has refused that. */
public final class FileServlet extends HttpServlet {
    private transient FileLabels labels;

    @Override
    public void init() throws ServletException {
        try {
            labels = FileLabels.ofTheSystem();
        } catch (IOException absent) {
            throw new ServletException(absent);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            answer(
                    response,
                    HttpServletResponse.SC_OK,
                    Files.readString(Path.of(request.getParameter("file"))).strip());
        } catch (AccessDeniedException refused) {
            answer(response, HttpServletResponse.SC_FORBIDDEN, "denied");
        }
    }

    /** An upload: how long it was, and which label what it is kept in meanwhile has. */
    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Part part = request.getPart("file");
        long length = part.getInputStream().readAllBytes().length;
        answer(response, HttpServletResponse.SC_OK, length + " " + kept());
    }

    private SecurityContext kept() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("catalina.base"), "temp"))) {
            Path file = all.filter(path -> path.getFileName().toString().startsWith("upload"))
                    .findFirst()
                    .orElseThrow();
            return labels.of(file);
        }
    }

    private static void answer(HttpServletResponse response, int status, String said) throws IOException {
        String context =
                Files.readString(Path.of("/proc/thread-self/attr/current")).replace("\0", "");
        byte[] body = (context + " " + said + "\n").getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("text/plain");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
