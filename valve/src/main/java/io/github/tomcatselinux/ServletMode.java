// SPDX-License-Identifier: Apache-2.0
// What becomes of the servlets of one application.
package io.github.tomcatselinux;

import io.github.tomcatselinux.ThreadSettings.Servlets;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;

/**
 * As the attribute {@code servlets} says, but for Tomcat's managers: what an application starts as it is started inherits
 * the context of the thread that starts it, for ever. So a request to them never runs on a confined one.
 */
final class ServletMode {
    private static final String MANAGERS = "org.apache.catalina.manager.";

    private ServletMode() {}

    static Servlets of(Configuration configuration, Context context) {
        Servlets asked = configuration.threads().servlets();
        return asked == Servlets.THREAD && isManager(context) ? Servlets.UNCHANGED : asked;
    }

    private static boolean isManager(Context context) {
        if (!context.getPrivileged()) {
            return false;
        }
        for (Container child : context.findChildren()) {
            if (child instanceof Wrapper servlet
                    && servlet.getServletClass() != null
                    && servlet.getServletClass().startsWith(MANAGERS)) {
                return true;
            }
        }
        return false;
    }
}
