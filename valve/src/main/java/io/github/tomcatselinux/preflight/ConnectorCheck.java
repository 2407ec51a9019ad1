// SPDX-License-Identifier: Apache-2.0
// What of the connectors concerns the confinement.
package io.github.tomcatselinux.preflight;

import java.util.List;
import org.apache.tomcat.util.res.StringManager;

/** HTTP/2, sendfile and virtual threads. */
public final class ConnectorCheck implements Check {
    private static final StringManager SM = StringManager.getManager(ConnectorCheck.class);

    /**
     * A connector.
     *
     * @param place its port, or the file and line where it is written
     * @param http2 whether it speaks HTTP/2
     * @param sendfile whether the kernel may send files for it
     * @param virtualThreads whether its requests run on virtual threads
     */
    public record Connector(String place, boolean http2, boolean sendfile, boolean virtualThreads) {}

    private final List<Connector> connectors;
    private final boolean allowKeepAlive;

    /** Those whose requests come to the valve. */
    public ConnectorCheck(List<Connector> connectors, boolean allowKeepAlive) {
        this.connectors = List.copyOf(connectors);
        this.allowKeepAlive = allowKeepAlive;
    }

    @Override
    public List<Finding> findings() {
        return connectors.stream().map(this::finding).toList();
    }

    private Finding finding(Connector connector) {
        if (connector.http2() && !allowKeepAlive) {
            return Finding.error(Fault.SERVER, SM.getString("connector.http2", connector.place()));
        }
        return Finding.ok(
                Fault.SERVER,
                SM.getString(
                        "connector.ok",
                        connector.place(),
                        SM.getString(connector.sendfile() ? "connector.sendfile" : "connector.noSendfile"),
                        SM.getString(connector.virtualThreads() ? "connector.virtual" : "connector.platform")));
    }
}
