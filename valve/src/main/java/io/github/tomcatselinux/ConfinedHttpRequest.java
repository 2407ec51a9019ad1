// SPDX-License-Identifier: Apache-2.0
// What code of an application sees of a request while it is confined.
package io.github.tomcatselinux;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import java.io.IOException;
import java.util.Optional;
import org.apache.catalina.Globals;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/**
 * Protocol upgrades and, unless the administrator allows it, asynchronous processing would have later parts of the request run
 * on threads of the server's, and sendfile would have the server open a file: none of them can be asked for.
 */
final class ConfinedHttpRequest extends HttpServletRequestWrapper {
    private static final StringManager SM = StringManager.getManager(ConfinedHttpRequest.class);

    private final Request request;
    private final Optional<Governor> async;
    private boolean supported;
    private Optional<ConfinedAsyncContext> started = Optional.empty();

    private ConfinedHttpRequest(Request request, Optional<Governor> async) {
        super(request.getRequest());
        this.request = request;
        this.async = async;
    }

    /** Puts itself before what Tomcat would hand to the application; RewriteValve and a dispatch may lead here again. */
    static void cover(Governor governor, Request request) {
        boolean allowed = governor.configuration().threads().allowAsync();
        if (!(request.getRequest() instanceof ConfinedHttpRequest)) {
            request.setRequest(new ConfinedHttpRequest(request, allowed ? Optional.of(governor) : Optional.empty()));
        }
        if (allowed) {
            ConfinedHttpResponse.cover(request.getResponse());
        }
        ((ConfinedHttpRequest) request.getRequest()).supported = allowed;
    }

    /** Tomcat says by an attribute that a filter or servlet takes part which does not support it. */
    @Override
    public void setAttribute(String name, Object value) {
        if (name.equals(Globals.ASYNC_SUPPORTED_ATTR)) {
            supported &= Boolean.TRUE.equals(value);
        } else if (!SendfileGuard.ATTRIBUTES.contains(name)) {
            super.setAttribute(name, value);
        }
    }

    @Override
    public boolean isAsyncSupported() {
        return supported;
    }

    @Override
    public AsyncContext startAsync() {
        return startAsync(request.getRequest(), request.getResponse().getResponse());
    }

    @Override
    public AsyncContext startAsync(ServletRequest given, ServletResponse response) {
        if (async.isEmpty()) {
            throw new IllegalStateException(SM.getString("confinedRequest.async"));
        }
        // For nobody who asks elsewhere.
        request.setAsyncSupported(supported);
        try {
            started = Optional.of(ConfinedAsyncContext.of(async.get(), request, super.startAsync(given, response)));
        } finally {
            request.setAsyncSupported(false);
        }
        return started.get();
    }

    @Override
    public AsyncContext getAsyncContext() {
        AsyncContext tomcats = super.getAsyncContext();
        return started.isPresent() ? started.get() : tomcats;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return async.isPresent() ? new Blocking(super.getInputStream()) : super.getInputStream();
    }

    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> handler) {
        throw new IllegalStateException(SM.getString("confinedRequest.upgrade"));
    }

    /** A listener would read on threads of the server's. */
    private static final class Blocking extends ServletInputStream {
        private final ServletInputStream in;

        Blocking(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException(SM.getString("async.nonBlocking"));
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] octets, int from, int length) throws IOException {
            return in.read(octets, from, length);
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
