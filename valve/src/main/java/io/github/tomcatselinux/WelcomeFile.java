// SPDX-License-Identifier: Apache-2.0
// A welcome file that the client may not read, where that must look as if there were none.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.launcher.HelperException;
import java.io.IOException;
import java.util.Arrays;
import org.apache.catalina.Context;
import org.apache.catalina.Realm;
import org.apache.catalina.connector.Request;
import org.apache.catalina.mapper.MappingData;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;

/**
 * Tomcat's Mapper chooses the welcome file before anybody is authenticated, and so by what is there. Mapped once more
 * while the request's helper answers for its files, the request goes where it would have gone without what it may not
 * read: to the next welcome file, to the listing, or to 404.
 */
final class WelcomeFile {
    private WelcomeFile() {}

    /**
     * Whether the Mapper has put a welcome file in the place of a folder that is not there for this request.
     *
     * @throws HelperException if the helper cannot be asked
     */
    static boolean isHidden(Request request, Context context) throws HelperException {
        String path = request.getRequestPathMB().toString();
        boolean chosen = request.getDecodedRequestURI().endsWith("/") && !path.endsWith("/");
        return chosen && !((ConfinedRoot) context.getResources()).lookUp(path).exists();
    }

    /**
     * Maps the request again, on the thread to which its files are bound.
     *
     * @return false if what it is mapped to now is not protected by the same security constraints, which the
     *     authenticator has checked already: then it must be refused
     */
    static boolean chooseAgain(Request request, Context context) throws IOException {
        SecurityConstraint[] checked = constraints(request, context);
        MappingData mapping = request.getMappingData();
        mapping.recycle();
        request.getConnector()
                .getService()
                .getMapper()
                .map(
                        request.getCoyoteRequest().serverName(),
                        request.getDecodedRequestURIMB(),
                        context.getWebappVersion(),
                        mapping);
        return mapping.context == context
                && mapping.wrapper != null
                && Arrays.equals(checked, constraints(request, context));
    }

    private static SecurityConstraint[] constraints(Request request, Context context) {
        Realm realm = context.getRealm();
        return realm == null ? null : realm.findSecurityConstraints(request, context);
    }
}
