// SPDX-License-Identifier: Apache-2.0
// An application that goes on asynchronously.
package io.github.tomcatselinux.guest;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** Dispatches to where {@code to} says, after its own thread has gone. */
public final class LaterServlet extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
        request.startAsync().dispatch(request.getParameter("to"));
    }
}
