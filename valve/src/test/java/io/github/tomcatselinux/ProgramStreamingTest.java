// SPDX-License-Identifier: Apache-2.0
// Bodies and answers of any length, and what becomes of a program whose client does not keep up.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramStreamingTest {
    private static final String HEADER = "printf 'Content-Type: text/plain\\n\\n'";

    /** How much goes through, in each direction: more where somebody has the time. */
    private static final long MEBIBYTES = Long.getLong("stream.mebibytes", 256);

    private static final int MEBIBYTE = 1_048_576;

    /** What a server may hold of a stream that is hundreds of mebibytes long. */
    private static final long MOST_HELD = 48L * MEBIBYTE;

    private static final int MOST_OF_HELPER_KIB = 8_192;

    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    Path folder;

    private Programs programs;

    @BeforeEach
    void declare() throws Exception {
        programs = new Programs(folder, Map.of());
    }

    @AfterEach
    void stop() {
        programs.close();
    }

    private static void awaitEnd(long pid) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (isAlive(pid) && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertFalse(isAlive(pid), "process " + pid);
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** What lives on the heap when nothing is kept that could go. */
    private static long held() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** The most that a process has had in memory so far, in KiB. */
    private static int peak(long pid) throws IOException {
        return memory(pid, "VmHWM:");
    }

    private static int memory(long pid, String what) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(what))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void streamsBothWaysInConstantMemory() throws Exception {
        programs.script("echo", HEADER, "echo $PPID", "exec cat").start(Map.of());
        byte[] part = new byte[MEBIBYTE];
        Arrays.fill(part, (byte) 'x');
        try (Socket socket = programs.open("POST /app/cgi/echo HTTP/1.1\r\nHost: h\r\nContent-Length: "
                + MEBIBYTES * MEBIBYTE + "\r\nConnection: close\r\n\r\n")) {
            OutputStream out = socket.getOutputStream();
            CompletableFuture<Void> writer = new CompletableFuture<>();
            Thread writing = new Thread(() -> {
                try {
                    for (int i = 0; i < MEBIBYTES; i++) {
                        out.write(part);
                    }
                    writer.complete(null);
                } catch (IOException broken) {
                    writer.completeExceptionally(broken);
                }
            });
            writing.start();
            InputStream in = socket.getInputStream();
            Programs.readUntil(in, "\r\n\r\n");
            String start = Programs.readUntil(in, "\nx");
            long relay = Long.parseLong(start.replaceAll("(?s).*?([0-9]+)\nx", "$1"));
            byte[] buffer = new byte[MEBIBYTE];
            long before = held();
            long octets = 1;
            long most = 0;
            int peak = 0;
            long self = ProcessHandle.current().pid();
            StringBuilder resident = new StringBuilder(memory(self, "VmRSS:") + " KiB at first");
            long look = MEBIBYTES * MEBIBYTE / 4;
            int n;
            while ((n = in.read(buffer)) >= 0) {
                for (int i = 0; i < n; i++) {
                    octets += buffer[i] == 'x' ? 1 : 0;
                }
                if (octets > look) {
                    look += MEBIBYTES * MEBIBYTE / 4;
                    most = Math.max(most, held() - before);
                    peak = Math.max(peak, peak(relay));
                    resident.append(", ").append(memory(self, "VmRSS:"));
                }
            }
            writing.join();
            writer.get();
            assertEquals(MEBIBYTES * MEBIBYTE, octets);
            System.out.println("measured: " + MEBIBYTES + " MiB in and out: the server's heap held " + most / 1024
                    + " KiB more at most, the helper had " + peak
                    + " KiB at most; resident memory of the whole JVM, client"
                    + " included, by quarters: " + resident);
            assertTrue(most < MOST_HELD, "the server held " + most + " octets");
            assertTrue(peak > 0 && peak < MOST_OF_HELPER_KIB, "the helper had " + peak + " KiB");
        }
    }

    @Test
    void answersWithoutHavingReadTheBody() throws Exception {
        programs.script("ignores", HEADER, "echo done").start(Map.of());
        byte[] body = new byte[5 * MEBIBYTE];
        try (Socket socket = programs.open(
                "POST /app/cgi/ignores HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n")) {
            Thread writing = new Thread(() -> {
                try {
                    socket.getOutputStream().write(body);
                } catch (IOException unwanted) {
                    // As it should be: the answer is there without it.
                    return;
                }
            });
            writing.start();
            assertTrue(Programs.readUntil(socket.getInputStream(), "done\n").startsWith("HTTP/1.1 200"));
            socket.close();
            writing.join();
        }
    }

    @Test
    void killsTheProgramOfAClientThatStopsReading() throws Exception {
        programs.server.tomcat.getConnector().setProperty("connectionTimeout", "2000");
        programs.script("floods", HEADER, "echo pid $$", "exec yes").start(Map.of());
        try (Socket socket = programs.open("GET /app/cgi/floods HTTP/1.1\r\nHost: h\r\n\r\n")) {
            Programs.readUntil(socket.getInputStream(), "pid ");
            long pid = Long.parseLong(
                    Programs.readUntil(socket.getInputStream(), "\n").strip());
            assertTrue(isAlive(pid));
            awaitEnd(pid);
        }
    }

    /** Long before its deadline; how soon after the helper's connection is closed, the launcher's own tests measure. */
    @Test
    void killsAfterTheFirstFailedWriteWhateverItStarted() throws Exception {
        programs.script(
                        "beats",
                        HEADER,
                        "(while :; do sleep 0.02; done) &",
                        "echo child $!",
                        "while :; do echo beat; sleep 0.02; done")
                .start(Map.of("maxProgramTime", "0"));
        long child;
        try (Socket socket = programs.open("GET /app/cgi/beats HTTP/1.1\r\nHost: h\r\n\r\n")) {
            Programs.readUntil(socket.getInputStream(), "child ");
            child = Long.parseLong(
                    Programs.readUntil(socket.getInputStream(), "\n").strip());
        }
        awaitEnd(child);
    }

    @Test
    void killsASilentProgramWhoseClientIsGoneAtItsDeadline() throws Exception {
        Path pid = folder.resolve("pid");
        programs.script("silent", "echo $$ >" + pid + ".new; mv " + pid + ".new " + pid, "exec sleep 1000")
                .start(Map.of("maxProgramTime", "3"));
        try (Socket socket = programs.open("GET /app/cgi/silent HTTP/1.1\r\nHost: h\r\n\r\n")) {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!Files.exists(pid) && System.nanoTime() < until) {
                Thread.sleep(10);
            }
            assertTrue(socket.isConnected());
        }
        awaitEnd(Long.parseLong(Files.readString(pid).strip()));
    }

    @Test
    void endsAProgramThatGoesOnAfterItsAnswerWhereThatIsAskedFor() throws Exception {
        programs.servlet.addInitParameter("stderrTimeout", "300");
        programs.script("goes-on", HEADER, "echo pid $$", "exec >&-", "exec sleep 1000")
                .start(Map.of());
        String answer = programs.server.get("/app/cgi/goes-on").body();
        assertTrue(answer.startsWith("pid "), answer);
        awaitEnd(Long.parseLong(answer.substring(4).strip()));
    }

    @Test
    void keepsNoHelperForAClientThatIsSlowToSendAShortBody() throws Exception {
        programs.script("count", HEADER, "wc -c").script("quick", HEADER, "echo quick");
        programs.start(Map.of("maxHelpers", "1", "maxPerContext", "1", "maxQueue", "0"));
        try (Socket slow = programs.open("POST /app/cgi/count HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")) {
            for (int i = 0; i < 3; i++) {
                assertEquals("quick\n", programs.server.get("/app/cgi/quick").body());
            }
            slow.getOutputStream().write("cde".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            Programs.readUntil(slow.getInputStream(), "5\n");
        }
    }
}
