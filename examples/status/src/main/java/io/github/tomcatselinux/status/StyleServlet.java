// SPDX-License-Identifier: Apache-2.0
// The page's style sheet.
package io.github.tomcatselinux.status;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;

/** From memory, read as the application starts: a confined thread need not be able to read the application's files. */
public final class StyleServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private transient byte[] sheet;

    @Override
    public void init() throws ServletException {
        try (InputStream in = StyleServlet.class.getResourceAsStream("style.css")) {
            sheet = in.readAllBytes();
        } catch (IOException unreadable) {
            throw new ServletException(unreadable);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Headers.set(response);
        response.setContentType("text/css;charset=UTF-8");
        response.setContentLength(sheet.length);
        response.getOutputStream().write(sheet);
    }
}
