// SPDX-License-Identifier: Apache-2.0
// A client's connection that carries one request after the other.
package io.github.tomcatselinux;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Speaks HTTP/1.1 as far as responses with a Content-Length go. */
final class KeptConnection implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: (\\d+)\r\n");

    private final TestServer server;
    private final Socket socket;
    private final DataInputStream in;

    KeptConnection(TestServer server) throws IOException {
        this.server = server;
        socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
        in = new DataInputStream(socket.getInputStream());
    }

    /** The whole answer to a GET; each header is a line. */
    String get(String path, String... headers) throws IOException {
        server.asked();
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            answer.append((char) in.readUnsignedByte());
        }
        Matcher length = LENGTH.matcher(answer);
        if (length.find()) {
            answer.append(new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.ISO_8859_1));
        }
        return answer.toString();
    }

    /** Whether the server has closed it. */
    boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
