// SPDX-License-Identifier: Apache-2.0
// One connection to Tomcat's port, as HTTP/1.1 keeps it.
package io.github.tomcatselinux.soak;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/** Opened when something is sent, closed when the server says so or something went wrong. */
final class Connection implements AutoCloseable {
    /** Longer than anything takes: whatever the server is waiting for, it gives up before. */
    private static final int PATIENCE_MILLISECONDS = 120_000;

    private final int port;
    private Socket socket;
    private InputStream in;

    Connection(int port) {
        this.port = port;
    }

    /**
     * One request and its answer. A kept connection that the server has ended meanwhile is replaced by another, as any
     * client does it.
     */
    Answer ask(byte[]... request) throws IOException {
        boolean kept = socket != null;
        try {
            if (!begins(request)) {
                close();
                if (!kept || !begins(request)) {
                    throw new EOFException("no answer");
                }
            }
            Answer answer = Answer.read(in);
            if (!answer.keepsAlive()) {
                close();
            }
            return answer;
        } catch (IOException broken) {
            close();
            throw broken;
        }
    }

    /** Sends it; whether anything comes back. */
    private boolean begins(byte[]... request) throws IOException {
        if (socket == null) {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }
        try {
            for (byte[] part : request) {
                socket.getOutputStream().write(part);
            }
            in.mark(1);
            int first = in.read();
            in.reset();
            return first >= 0;
        } catch (SocketException reset) {
            return false;
        }
    }

    @Override
    public void close() {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException alreadyClosed) {
                // Nothing is left of it.
            }
            socket = null;
        }
    }
}
