// SPDX-License-Identifier: Apache-2.0
// What came back over a connection, as far as it came.
package io.github.tomcatselinux.soak;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One response of HTTP/1.1.
 *
 * @param body as much of it as arrived, a character for each octet
 * @param whole whether the response says that this is all of it; one that ends with its connection cannot
 * @param keepsAlive whether another request may be sent behind it
 */
record Answer(int status, String body, boolean whole, boolean keepsAlive) {
    private static final int LONGEST_LINE = 8192;
    private static final int NO_CONTENT = 204;

    /** @throws IOException if the connection ended before the body, or what came is no HTTP */
    static Answer read(InputStream in) throws IOException {
        String[] first = line(in).split(" ", 3);
        if (first.length < 2 || !first[0].equals("HTTP/1.1")) {
            throw new IOException("no status line of HTTP/1.1");
        }
        int status = Integer.parseInt(first[1]);
        int length = status == NO_CONTENT ? 0 : -1;
        boolean chunked = false;
        boolean keepsAlive = true;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String value = header.substring(header.indexOf(':') + 1).strip();
            switch (header.substring(0, Math.max(0, header.indexOf(':'))).toLowerCase(Locale.ROOT)) {
                case "content-length" -> length = Integer.parseInt(value);
                case "transfer-encoding" -> chunked = true;
                case "connection" -> keepsAlive = !value.equalsIgnoreCase("close");
                default -> {
                    // Says nothing about where the answer ends.
                }
            }
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole = false;
        try {
            if (chunked) {
                whole = chunks(in, body);
            } else if (length >= 0) {
                body.write(in.readNBytes(length));
                whole = body.size() == length;
            } else {
                in.transferTo(body);
            }
        } catch (SocketException | EOFException broken) {
            whole = false;
        }
        return new Answer(status, body.toString(StandardCharsets.ISO_8859_1), whole, keepsAlive && whole);
    }

    /** Whether the last one came. */
    private static boolean chunks(InputStream in, ByteArrayOutputStream body) throws IOException {
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            byte[] chunk = in.readNBytes(size);
            body.write(chunk);
            if (chunk.length < size) {
                return false;
            }
            line(in);
            if (size == 0) {
                return true;
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the connection ended within the head of an answer");
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("a line without an end");
            }
            line.append((char) octet);
        }
        return line.toString().strip();
    }
}
