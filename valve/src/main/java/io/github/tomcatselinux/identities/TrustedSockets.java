// SPDX-License-Identifier: Apache-2.0
// Tells the JDK's LDAP provider whom to trust.
package io.github.tomcatselinux.identities;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.naming.NamingException;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/**
 * The provider takes the name of a class and calls its {@code getDefault()}, on the thread that connects; which factory
 * that stands for is known to that thread alone. The provider itself compares the server's name with its certificate's.
 */
public final class TrustedSockets extends SocketFactory {
    private static final ThreadLocal<SSLSocketFactory> CURRENT = new ThreadLocal<>();

    private final SSLSocketFactory trusting;

    private TrustedSockets(SSLSocketFactory trusting) {
        this.trusting = trusting;
    }

    interface Connecting<T> {
        T connect() throws NamingException;
    }

    static <T> T with(SSLSocketFactory factory, Connecting<T> connecting) throws NamingException {
        CURRENT.set(factory);
        try {
            return connecting.connect();
        } finally {
            CURRENT.remove();
        }
    }

    /** Called by the provider, by reflection. */
    public static SocketFactory getDefault() {
        return new TrustedSockets(CURRENT.get());
    }

    @Override
    public Socket createSocket() throws IOException {
        return trusting.createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return trusting.createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return trusting.createSocket(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return trusting.createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return trusting.createSocket(address, port, localAddress, localPort);
    }
}
