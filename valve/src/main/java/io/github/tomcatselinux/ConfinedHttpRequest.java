// SPDX-License-Identifier: Apache-2.0
// What code of an application sees of a request while it is confined.
package io.github.tomcatselinux;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/**
 * Asynchronous processing and protocol upgrades would have later parts of the request run on threads of the server's, and
 * sendfile would have the server open a file: none of them can be asked for.
 */
final class ConfinedHttpRequest extends HttpServletRequestWrapper {
    private static final StringManager SM = StringManager.getManager(ConfinedHttpRequest.class);

    private ConfinedHttpRequest(HttpServletRequest request) {
        super(request);
    }

    /** Puts itself before what Tomcat would hand to the application; RewriteValve may lead here twice. */
    static void cover(Request request) {
        if (!(request.getRequest() instanceof ConfinedHttpRequest)) {
            request.setRequest(new ConfinedHttpRequest(request.getRequest()));
        }
    }

    @Override
    public void setAttribute(String name, Object value) {
        if (!SendfileGuard.ATTRIBUTES.contains(name)) {
            super.setAttribute(name, value);
        }
    }

    @Override
    public boolean isAsyncSupported() {
        return false;
    }

    @Override
    public AsyncContext startAsync() {
        throw new IllegalStateException(SM.getString("confinedRequest.async"));
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        return startAsync();
    }

    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> handler) {
        throw new IllegalStateException(SM.getString("confinedRequest.upgrade"));
    }
}
