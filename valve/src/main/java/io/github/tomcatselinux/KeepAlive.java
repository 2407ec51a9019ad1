// SPDX-License-Identifier: Apache-2.0
// Whether the connection of a request may carry another one.
package io.github.tomcatselinux;

import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

/** What {@code allowKeepAlive} means for one request. */
enum KeepAlive {
    /** It may. */
    ALLOW,
    /** It is closed after the response (RFC 9112, section 9.6). */
    CLOSE,
    /** HTTP/2 cannot be told to close after one response: 505. */
    REFUSE;

    static KeepAlive of(Configuration configuration, Request request) {
        if (configuration.allowKeepAlive()) {
            return ALLOW;
        }
        return request.getCoyoteRequest().protocol().equals("HTTP/2.0") ? REFUSE : CLOSE;
    }

    /** Sets the header, as long as that can be done: an application that resets the response takes it away. */
    void apply(Response response) {
        if (this == CLOSE && !response.isCommitted()) {
            response.setHeader("Connection", "close");
        }
    }
}
