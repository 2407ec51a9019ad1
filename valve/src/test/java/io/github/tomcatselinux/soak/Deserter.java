// SPDX-License-Identifier: Apache-2.0
// A client that goes away in the middle.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Of a head, of an upload, of a document, of what a program has to say that never ends. */
final class Deserter implements Runnable {
    private static final int PATIENCE_MILLISECONDS = 120_000;
    private static final int MOST_PAUSE_MILLISECONDS = 100;

    /** An answer that is shorter than expected, as of an error, must not be waited for until the server gives up. */
    private static final String END = "Connection: close\r\n\r\n";

    private final Situation situation;
    private final AtomicLong times = new AtomicLong();
    private final Random random = new Random(1);

    Deserter(Situation situation) {
        this.situation = situation;
    }

    long times() {
        return times.get();
    }

    @Override
    public void run() {
        try {
            for (int i = 0; situation.gate().enter(); i++) {
                try {
                    String host = Site.HOSTS.get(i / 4 % Site.HOSTS.size());
                    switch (i % 4) {
                        case 0 -> desert(Visit.head("GET", host, "alice", "/alice.txt"), 0);
                        case 1 ->
                            desert(
                                    Visit.head("PUT", host, "alice", "/dav/half.txt")
                                            + "Content-Length: 100000\r\n\r\nsome",
                                    0);
                        case 2 -> desert(Visit.head("GET", host, "alice", "/alice-large.txt") + END, 1000);
                        default -> desert(Visit.head("GET", host, "alice", "/cgi/endless") + END, 1000);
                    }
                    times.incrementAndGet();
                    Thread.sleep(random.nextInt(MOST_PAUSE_MILLISECONDS));
                } finally {
                    situation.gate().leave();
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends that, reads so much, and breaks the connection off. */
    private void desert(String sent, int read) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), situation.port())) {
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(read);
            socket.setSoLinger(true, 0);
        } catch (IOException brokenByTheServer) {
            // It was to be broken off anyway.
            return;
        }
    }
}
