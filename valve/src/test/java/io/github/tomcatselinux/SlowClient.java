// SPDX-License-Identifier: Apache-2.0
// A client that asks and is slow to read.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One GET on a connection of its own; what it does not read stays with the server. */
final class SlowClient implements AutoCloseable {
    /** Larger than all buffers between a helper and its client. */
    static final String LARGE = "0123456789abcdef".repeat(4_000_000);

    private final Socket socket;

    private SlowClient(int port, String path, String... header) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
        String more = header.length == 0 ? "" : String.join(": ", header) + "\r\n";
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    /** Asks, and reads nothing. */
    static SlowClient asking(int port, String path, String... header) throws IOException {
        return new SlowClient(port, path, header);
    }

    /** Asks, and waits until the answer has begun. */
    static SlowClient begun(int port, String path) throws IOException {
        SlowClient client = new SlowClient(port, path);
        assertEquals('H', client.socket.getInputStream().read());
        return client;
    }

    /** Whether some of the answer is there that was not read. */
    boolean isAnswered() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    /** Reads up to the end of the header. */
    String head() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            assertTrue(octet >= 0, head::toString);
            head.append((char) octet);
        }
        return head.toString();
    }

    /** Reads the rest, which must not be whole. */
    void assertBrokenOff() throws IOException {
        long octets = 0;
        try {
            octets = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (java.net.SocketException reset) {
            // An end as well; that nothing comes at all would be another exception.
            return;
        }
        long got = octets;
        assertTrue(got < LARGE.length(), () -> got + " octets came from a dead helper");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
