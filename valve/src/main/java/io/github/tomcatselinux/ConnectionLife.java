// SPDX-License-Identifier: Apache-2.0
// Which connection a request came on, and whether another may come after it.
package io.github.tomcatselinux;

import jakarta.servlet.ServletConnection;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.apache.catalina.connector.Request;
import org.apache.coyote.AbstractProtocol;

/**
 * A connection of HTTP/1 that stays. What is not one is nobody's: the streams of HTTP/2 run at the same time, and a
 * connection of AJP belongs to a proxy that sends everybody's requests over it.
 *
 * @param id the connection's, which no other has while the JVM runs
 * @param patience how long it waits for the next request
 */
record ConnectionLife(String id, Duration patience) {

    /** The connection of a request, if it is one that the client means to keep. */
    static Optional<ConnectionLife> of(Request request) {
        ServletConnection connection = request.getServletConnection();
        if (!"http/1.1".equals(connection.getProtocol())
                || !(request.getConnector().getProtocolHandler() instanceof AbstractProtocol<?> protocol)) {
            return Optional.empty();
        }
        String header =
                Optional.ofNullable(request.getHeader("Connection")).orElse("").toLowerCase(Locale.ROOT);
        boolean old = !"HTTP/1.1".equals(request.getProtocol());
        boolean closes = header.contains("close") || (old && !header.contains("keep-alive"));
        int patience = protocol.getKeepAliveTimeout();
        return closes || patience == 0
                ? Optional.empty()
                : Optional.of(new ConnectionLife(
                        connection.getConnectionId(), Duration.ofMillis(patience < 0 ? Integer.MAX_VALUE : patience)));
    }
}
