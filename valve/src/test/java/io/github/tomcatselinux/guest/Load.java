// SPDX-License-Identifier: Apache-2.0
// Two users whose requests are interleaved, one of them always after the other's file.
package io.github.tomcatselinux.guest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** {@code HOST REQUESTS CONNECTIONS}: says how many answers were wrong, and which. */
public final class Load {
    private static final String FOLDER = "/srv/tomcat/data/";

    /** What one user asks for again and again, and what has to come. */
    private record Visit(String user, String file, int status, String body) {}

    private static final List<Visit> VISITS = List.of(
            new Visit("alice", "alice/file", 200, "system_u:system_r:unpriv_webapp_thread_t:s0:c0 ALICE"),
            new Visit("bob", "alice/file", 403, "system_u:system_r:unpriv_webapp_thread_t:s0:c1 denied"));

    private final String host;
    private final AtomicInteger left;
    private final LongAdder answered = new LongAdder();
    private final ConcurrentHashMap<String, Integer> wrong = new ConcurrentHashMap<>();

    private Load(String host, int requests) {
        this.host = host;
        this.left = new AtomicInteger(requests);
    }

    /** Ends with 0 if every answer was right. */
    public static void main(String[] arguments) throws Exception {
        Load load = new Load(arguments[0], Integer.parseInt(arguments[1]));
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            Visit visit = VISITS.get(i % VISITS.size());
            clients.add(new Thread(() -> load.visit(visit)));
        }
        clients.forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        int all = load.wrong.values().stream().mapToInt(Integer::intValue).sum();
        load.wrong.forEach((answer, times) -> System.err.println(times + " times: " + answer));
        System.out.println(load.answered.sum() + " answers, " + all + " of them wrong");
        System.exit(all == 0 ? 0 : 1);
    }

    private void visit(Visit visit) {
        String credentials =
                Base64.getEncoder().encodeToString((visit.user() + ":secret").getBytes(StandardCharsets.UTF_8));
        byte[] request = ("GET /app/read?file=" + FOLDER + visit.file() + " HTTP/1.1\r\nHost: " + host + "\r\n"
                        + "Authorization: Basic " + credentials + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        String expected = visit.status() + " " + visit.body();
        while (left.get() > 0) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), 8080)) {
                InputStream in = new BufferedInputStream(socket.getInputStream());
                // Until Tomcat closes the connection.
                for (boolean open = true; open && left.getAndDecrement() > 0; ) {
                    socket.getOutputStream().write(request);
                    Answer answer = Answer.read(in);
                    open = answer.keepsAlive();
                    answered.increment();
                    if (!expected.equals(answer.text())) {
                        wrong.merge(visit.user() + " got " + answer.text(), 1, Integer::sum);
                    }
                }
            } catch (IOException failed) {
                wrong.merge(visit.user() + " got " + failed, 1, Integer::sum);
            }
        }
    }

    /** Status and body. */
    private record Answer(String text, boolean keepsAlive) {
        static Answer read(InputStream in) throws IOException {
            String status = line(in);
            int length = 0;
            boolean keepsAlive = true;
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                if (header.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(header.substring("Content-Length: ".length()));
                } else if (header.equalsIgnoreCase("Connection: close")) {
                    keepsAlive = false;
                }
            }
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8).strip();
            return new Answer(status.split(" ", 3)[1] + " " + body, keepsAlive);
        }

        private static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("the connection was closed within an answer");
                }
                line.append((char) octet);
            }
            return line.toString().strip();
        }
    }
}
