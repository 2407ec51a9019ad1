// SPDX-License-Identifier: Apache-2.0
// Stands where an application declares Jasper's servlet, and has the server translate what a confined thread runs.
package io.github.tomcatselinux.pages;

import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.files.View;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Enumeration;
import java.util.Optional;
import org.apache.catalina.Globals;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.jasper.Options;
import org.apache.jasper.compiler.Localizer;
import org.apache.jasper.servlet.JspServlet;
import org.apache.tomcat.util.res.StringManager;

/**
 * Jasper translates a page, if it has changed, and then runs it. Here the first is done by a thread of the server's, which may
 * write the work folder, and only the second by the confined thread that asks. Before both, that thread opens the page itself:
 * what it may not read, it may not run, whoever has had it translated before.
 */
public final class PageServlet extends JspServlet {
    private static final long serialVersionUID = 1L;

    private static final StringManager SM = StringManager.getManager(PageServlet.class);
    private static final String JSP_FILE = "jspFile";

    private Optional<String> own = Optional.empty();
    private String precompile = "";
    private volatile boolean ready;

    /** What a thread finds where a page should be. */
    private enum Found {
        PAGE,
        REFUSED,
        NOTHING
    }

    @Override
    public void init(ServletConfig config) throws ServletException {
        try (Translation translation = Translation.begin()) {
            own = Optional.ofNullable(config.getInitParameter(JSP_FILE));
            super.init(new WithoutPage(config));
            Field options = JspServlet.class.getDeclaredField("options");
            options.setAccessible(true);
            Options declared = (Options) options.get(this);
            precompile = declared.getJspPrecompilationQueryParameter() + "=true";
            options.set(this, translatingOnlyWhenAsked(declared));
            Field page = JspServlet.class.getDeclaredField(JSP_FILE);
            page.setAccessible(true);
            page.set(this, own.orElse(null));
            ready = true;
        } catch (ReflectiveOperationException changed) {
            throw new ServletException(SM.getString("page.jasper", changed), changed);
        }
    }

    /** Jasper looks for changes, and translates, in development; on other threads it takes what is there. */
    private static Options translatingOnlyWhenAsked(Options declared) {
        return (Options) Proxy.newProxyInstance(
                PageServlet.class.getClassLoader(), new Class<?>[] {Options.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getDevelopment") && !Translation.isCurrent()) {
                        return false;
                    }
                    try {
                        return method.invoke(declared, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    @Override
    public void service(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        if (RequestFiles.current().isEmpty()) {
            // No scope: nobody has decided about this request.
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        RequestFiles files = RequestFiles.current().get();
        String page = page(request);
        if (files.view() != View.DIRECT) {
            Found found = look(page);
            if (found == Found.REFUSED) {
                files.refusedByKernel(page, Outcome.DENIED);
            }
            if (found == Found.REFUSED && !files.hidesDenied()) {
                response.sendError(HttpServletResponse.SC_FORBIDDEN);
                return;
            }
            if (found != Found.PAGE) {
                answerAbsent(page, request, response);
                return;
            }
        }
        ConfinedThreads.onServer(() -> {
            try (Translation translation = Translation.begin()) {
                // What the application has made of its request and response is its code, and not for this thread.
                super.service(Precompilation.request(page, precompile), Precompilation.response());
            }
            return null;
        });
        super.service(request, response);
    }

    /** Opens the page, on this thread and so in its context. */
    private Found look(String page) throws IOException {
        try (Translation translation = Translation.begin()) {
            WebResourceRoot resources = (WebResourceRoot) getServletContext().getAttribute(Globals.RESOURCES_ATTR);
            WebResource source = resources.getResource(page);
            if (!source.isFile()) {
                return Found.NOTHING;
            }
            try (InputStream opened = source.getInputStream()) {
                return opened == null ? Found.REFUSED : Found.PAGE;
            }
        }
    }

    /** Which page Jasper will take a request to be for. */
    private String page(HttpServletRequest request) {
        if (own.isPresent()) {
            return own.get();
        }
        Object included = request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH);
        String path = included == null ? request.getServletPath() : (String) included;
        Object info =
                included == null ? request.getPathInfo() : request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO);
        return info == null ? path : path + info;
    }

    /** In Jasper's words. */
    private static void answerAbsent(String page, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String absent = Localizer.getMessage("jsp.error.file.not.found", page);
        if (request.getAttribute(RequestDispatcher.INCLUDE_REQUEST_URI) != null) {
            throw new ServletException(absent);
        }
        response.sendError(HttpServletResponse.SC_NOT_FOUND, absent);
    }

    /** Tomcat's background thread asks for it where the application did not start, too: Jasper has no pages then. */
    @Override
    public void periodicEvent() {
        if (!ready) {
            return;
        }
        try (Translation translation = Translation.begin()) {
            super.periodicEvent();
        }
    }

    /** Without a page of the servlet's own, which Jasper would translate before its options are replaced. */
    private record WithoutPage(ServletConfig declared) implements ServletConfig {
        @Override
        public String getServletName() {
            return declared.getServletName();
        }

        @Override
        public ServletContext getServletContext() {
            return declared.getServletContext();
        }

        @Override
        public String getInitParameter(String name) {
            return name.equals(JSP_FILE) ? null : declared.getInitParameter(name);
        }

        @Override
        public Enumeration<String> getInitParameterNames() {
            return declared.getInitParameterNames();
        }
    }
}
