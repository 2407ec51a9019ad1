// SPDX-License-Identifier: Apache-2.0
// The helper of one request.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.Confinement;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/**
 * Taken when the request first asks for a file, with the leave to use it; both are given back together. Where the
 * connection is kept, the helper may come from an earlier request of it, and stay for a later one.
 */
final class RequestHelper {
    private static final StringManager SM = StringManager.getManager(RequestHelper.class);

    private final Helpers helpers;
    private final Request request;
    private final String id;
    private final Consumer<Confinement> taken;
    private Optional<KeptHelpers.Held> held = Optional.empty();
    private long since;

    /**
     * None yet.
     *
     * @param taken is told of each that is taken
     */
    RequestHelper(Helpers helpers, Request request, String id, Consumer<Confinement> taken) {
        this.helpers = helpers;
        this.request = request;
        this.id = id;
        this.taken = taken;
    }

    /**
     * The helper, which took this context.
     *
     * @param writable whether it may change files
     * @param file opened ahead, if it is known what will be asked for
     * @throws HelperException if there is none
     */
    HelperConnection of(String context, ConfinedRoot root, boolean writable, Optional<byte[]> file)
            throws HelperException {
        if (held.isEmpty()) {
            List<ConfineRequest.Root> roots = root.roots(writable);
            if (roots.isEmpty()) {
                throw new HelperException(
                        HelperException.Reason.REFUSED,
                        SM.getString("helper.noFolder", root.getContext().getBaseName()));
            }
            Optional<ConnectionLife> connection = ConnectionLife.of(request);
            held = Optional.of(
                    ServerErrand.run(() -> helpers.take(context, id, roots, root.generation(), connection, file)));
            since = System.nanoTime();
            taken.accept(held.get().helper().confinement());
        }
        return held.get().helper();
    }

    /** What the helper proved about itself; empty before there is one. */
    Optional<Confinement> confinement() {
        return held.map(KeptHelpers.Held::helper).map(HelperConnection::confinement);
    }

    /** Ends it, if there is one; the next call of {@link #of} takes another. */
    void end() {
        used();
        held.ifPresent(KeptHelpers.Held::close);
        held = Optional.empty();
    }

    /** The request is over: ends it, or lets it wait for the next request of the connection. */
    void release() {
        used();
        held.ifPresent(helper -> helpers.release(helper, ConnectionLife.of(request)));
        held = Optional.empty();
    }

    private void used() {
        if (held.isPresent()) {
            helpers.numbers().use().add(System.nanoTime() - since);
        }
    }
}
