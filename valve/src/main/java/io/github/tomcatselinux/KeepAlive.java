// SPDX-License-Identifier: Apache-2.0
// Whether the connection of a request may carry another one.
package io.github.tomcatselinux;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;

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

    /** Sets the header; or, where that is not enough, refuses the request and says so. */
    boolean admits(Response response) throws IOException {
        if (this == REFUSE) {
            response.sendError(HttpServletResponse.SC_HTTP_VERSION_NOT_SUPPORTED);
            return false;
        }
        apply(response);
        return true;
    }

    /** Closes the connection after the response, by the header; or without it, where an application reset and sent it. */
    void apply(Response response) {
        boolean upgraded = response.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS;
        if (this != CLOSE || upgraded) {
            return;
        }
        if (!response.isCommitted()) {
            response.setHeader("Connection", "close");
        } else if (!"close".equals(response.getCoyoteResponse().getMimeHeaders().getHeader("Connection"))) {
            response.getCoyoteResponse().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        }
    }
}
