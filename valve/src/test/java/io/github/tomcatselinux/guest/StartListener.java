// SPDX-License-Identifier: Apache-2.0
// An application that reads its own files as it starts.
package io.github.tomcatselinux.guest;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Says on standard output what came of each file that the parameter {@code read} names. */
public final class StartListener implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext application = event.getServletContext();
        for (String path : application.getInitParameter("read").split(" ", -1)) {
            System.out.println("at start: " + path + ": " + read(application, path));
        }
    }

    private static String read(ServletContext application, String path) {
        try (InputStream in = application.getResourceAsStream(path)) {
            String content = in == null ? "no content" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return (application.getResource(path) == null ? "no name, " : "a name, ") + content;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
