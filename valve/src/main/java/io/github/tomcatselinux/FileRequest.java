// SPDX-License-Identifier: Apache-2.0
// What is asked of the helper before Tomcat's servlet for files runs.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.launcher.Access;
import io.github.tomcatselinux.launcher.HelperException;
import java.util.Optional;
import org.apache.catalina.WebResource;
import org.apache.catalina.connector.Request;

/**
 * Takes the helper, and asks it what the servlet would not ask: PROPFIND tells of a file that it need not open, and locks
 * and properties are in the server's memory, where no kernel guards them.
 */
final class FileRequest {
    private FileRequest() {}

    /**
     * Prepares a request for the servlet.
     *
     * @return false if the helper may not do what the method is about: it must be refused
     * @throws HelperException if there is no helper, or no answer
     */
    static boolean prepare(Request request, Way way, RequestScope scope, ConfinedRoot root) throws HelperException {
        if (way instanceof Way.Files files) {
            return prepare(request, files, scope, root);
        }
        // A filter may answer a request to read by itself; it needs no helper before it asks for files.
        return !(way instanceof Way.Servlets code)
                || code.files().isEmpty()
                || Methods.read(request.getMethod())
                || prepare(request, code.files().get(), scope, root);
    }

    private static boolean prepare(Request request, Way.Files way, RequestScope scope, ConfinedRoot root)
            throws HelperException {
        if (way.changes()) {
            scope.allowChanges();
        }
        String path = way.path();
        if (way.changes() && path.equals("/") && Methods.takeAll(request.getMethod())) {
            return false;
        }
        scope.helper(root, request.getMethod().equals("GET") ? root.fileInHelper(path) : Optional.empty());
        if (Methods.read(request.getMethod())) {
            return true;
        }
        WebResource named = root.lookUp(path);
        if (named.exists() ? !named.canRead() : scope.hidesDenied() && Methods.unlock(request.getMethod())) {
            return false;
        }
        Optional<Access> needed = Methods.needed(request);
        return needed.isEmpty() || !way.changes() || root.allows(path, needed.get());
    }
}
