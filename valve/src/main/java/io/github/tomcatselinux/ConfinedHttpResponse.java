// SPDX-License-Identifier: Apache-2.0
// What code of an application sees of the response to a confined request that may go on asynchronously.
package io.github.tomcatselinux;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.apache.catalina.connector.Response;
import org.apache.tomcat.util.res.StringManager;

/** A listener would write on threads of the server's: there is none. */
final class ConfinedHttpResponse extends HttpServletResponseWrapper {
    private ConfinedHttpResponse(HttpServletResponse response) {
        super(response);
    }

    /** Puts itself before what Tomcat would hand to the application. */
    static void cover(Response response) {
        if (!(response.getResponse() instanceof ConfinedHttpResponse)) {
            response.setResponse(new ConfinedHttpResponse(response.getResponse()));
        }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        return new Blocking(super.getOutputStream());
    }

    private static final class Blocking extends ServletOutputStream {
        private static final StringManager SM = StringManager.getManager(ConfinedHttpResponse.class);

        private final ServletOutputStream out;

        Blocking(ServletOutputStream out) {
            this.out = out;
        }

        @Override
        public boolean isReady() {
            return out.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException(SM.getString("async.nonBlocking"));
        }

        @Override
        public void write(int octet) throws IOException {
            out.write(octet);
        }

        @Override
        public void write(byte[] octets, int from, int length) throws IOException {
            out.write(octets, from, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
