// SPDX-License-Identifier: Apache-2.0
// Puts our servlet where an application declares Jasper's.
package io.github.tomcatselinux;

import io.github.tomcatselinux.pages.PageServlet;
import jakarta.servlet.ServletException;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * The declaration stays, with its class, mappings and parameters. Where this class loader has no Jasper the application's own
 * stays, which a confined thread lets translate nothing.
 */
final class PageHook {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(PageHook.class);
    private static final String JSP_SERVLET = "org.apache.jasper.servlet.JspServlet";
    private static final boolean PRESENT = isPresent();

    private PageHook() {}

    static void install(Context context) {
        if (!PRESENT) {
            return;
        }
        for (Container child : context.findChildren()) {
            if (child instanceof Wrapper wrapper
                    && JSP_SERVLET.equals(wrapper.getServletClass())
                    && !(wrapper.getServlet() instanceof PageServlet)) {
                replace(wrapper);
            }
        }
    }

    private static void replace(Wrapper wrapper) {
        try {
            // It may have been loaded at the start.
            wrapper.unload();
        } catch (ServletException failed) {
            LOG.warn(SM.getString("servlet.unload", wrapper.getName(), failed.getMessage()));
        }
        wrapper.setServlet(new PageServlet());
    }

    private static boolean isPresent() {
        try {
            Class.forName(JSP_SERVLET, false, PageHook.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }
}
