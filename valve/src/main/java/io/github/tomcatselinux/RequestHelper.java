// SPDX-License-Identifier: Apache-2.0
// The helper of one request.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.launcher.Confinement;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/** Taken when the request first asks for a file, with the leave to use it; both are given back together. */
final class RequestHelper {
    private static final StringManager SM = StringManager.getManager(RequestHelper.class);

    private final Governor governor;
    private final Request request;
    private final String id;
    private Optional<Admission.Permit> permit = Optional.empty();
    private Optional<HelperConnection> connection = Optional.empty();

    RequestHelper(Governor governor, Request request, String id) {
        this.governor = governor;
        this.request = request;
        this.id = id;
    }

    /**
     * The helper, which took this context.
     *
     * @throws HelperException if there is none
     */
    HelperConnection of(String context, ConfinedRoot root) throws HelperException {
        if (connection.isEmpty()) {
            Path folder = root.folder()
                    .orElseThrow(() -> new HelperException(
                            HelperException.Reason.REFUSED,
                            SM.getString("helper.noFolder", root.getContext().getBaseName())));
            permit = Optional.of(governor.admit(context));
            connection = Optional.of(governor.helper(context, id, folder));
            Confinement confinement = connection.get().confinement();
            request.setAttribute(RequestScope.HELPER_ATTRIBUTE, confinement.pid());
            if (!confinement.context().isEmpty()) {
                request.setAttribute(RequestScope.CONTEXT_ATTRIBUTE, confinement.context());
            }
        }
        return connection.get();
    }

    /** What the helper proved about itself; empty before there is one. */
    Optional<Confinement> confinement() {
        return connection.map(HelperConnection::confinement);
    }

    /** Ends it, if there is one; the next call of {@link #of} takes another. */
    void end() {
        connection.ifPresent(HelperConnection::close);
        connection = Optional.empty();
        permit.ifPresent(Admission.Permit::close);
        permit = Optional.empty();
    }
}
