// SPDX-License-Identifier: Apache-2.0
// Puts our servlet where an application declares Tomcat's CGIServlet.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.programs.ProgramServlet;
import jakarta.servlet.ServletException;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * The declaration stays, with its mapping and its parameters. Only in privileged applications, as Tomcat demands of its
 * own; elsewhere Tomcat's stays, does not load, and has no way to be confined either.
 */
final class ProgramHook {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ProgramHook.class);

    private ProgramHook() {}

    /**
     * Replaces each.
     *
     * @param on whether programs are run; else the declaration names Tomcat's servlet still, and ours refuses
     */
    static void install(Context context, boolean on) {
        for (Container child : context.findChildren()) {
            if (child instanceof Wrapper wrapper
                    && context.getPrivileged()
                    && Way.CGI_SERVLET.equals(wrapper.getServletClass())
                    && !(wrapper.getServlet() instanceof ProgramServlet)) {
                replace(context, wrapper, on);
            }
        }
    }

    /** Whether the application runs programs. */
    static boolean isIn(Context context) {
        for (Container child : context.findChildren()) {
            if (child instanceof Wrapper wrapper && Way.PROGRAM_SERVLET.equals(wrapper.getServletClass())) {
                return true;
            }
        }
        return false;
    }

    private static void replace(Context context, Wrapper wrapper, boolean on) {
        try {
            // It may have been loaded at the start.
            wrapper.unload();
        } catch (ServletException failed) {
            LOG.warn(SM.getString("servlet.unload", wrapper.getName(), failed.getMessage()));
        }
        if (on) {
            wrapper.setServletClass(Way.PROGRAM_SERVLET);
        }
        wrapper.setServlet(new ProgramServlet(
                () -> context.getResources() instanceof ConfinedRoot root ? root.folder() : Optional.empty(), on));
    }
}
