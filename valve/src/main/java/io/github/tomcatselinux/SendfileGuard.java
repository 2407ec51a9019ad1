// SPDX-License-Identifier: Apache-2.0
// Takes away the names of files that code of an application gives to the connector.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.RequestFiles;
import jakarta.servlet.ServletRequestAttributeEvent;
import jakarta.servlet.ServletRequestAttributeListener;
import java.util.Set;
import org.apache.catalina.Globals;

/**
 * The connector opens the file that such an attribute names when the response is committed, later and as the server. Whatever
 * wraps a request, Tomcat tells of each attribute at once, on the thread that sets it: before anything can be committed.
 */
final class SendfileGuard implements ServletRequestAttributeListener {
    static final Set<String> ATTRIBUTES =
            Set.of(Globals.SENDFILE_FILENAME_ATTR, Globals.SENDFILE_FILE_START_ATTR, Globals.SENDFILE_FILE_END_ATTR);

    @Override
    public void attributeAdded(ServletRequestAttributeEvent event) {
        guard(event);
    }

    @Override
    public void attributeReplaced(ServletRequestAttributeEvent event) {
        guard(event);
    }

    private static void guard(ServletRequestAttributeEvent event) {
        if (ATTRIBUTES.contains(event.getName()) && !RequestFiles.isUnchanged()) {
            event.getServletRequest().removeAttribute(event.getName());
        }
    }
}
