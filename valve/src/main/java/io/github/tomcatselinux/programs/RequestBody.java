// SPDX-License-Identifier: Apache-2.0
// What the client sends, on its way to a program.
package io.github.tomcatselinux.programs;

import io.github.tomcatselinux.launcher.ProgramConnection;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A short body is read at once and goes along with the program's start. A longer one, or one whose length is not known,
 * is passed on by a thread of its own, so that a program can answer while it reads, and may stop to read.
 */
final class RequestBody implements AutoCloseable {
    private static final int SHORT = ProgramConnection.STREAM_MAX;

    private final InputStream in;
    private final Optional<byte[]> atOnce;
    private final String id;
    private Optional<Thread> thread = Optional.empty();
    private volatile boolean unwanted;
    private volatile boolean broken;

    private RequestBody(InputStream in, Optional<byte[]> atOnce, String id) {
        this.in = in;
        this.atOnce = atOnce;
        this.id = id;
    }

    /** Reads a short body. */
    static RequestBody of(HttpServletRequest request, String id) throws IOException {
        long length = request.getContentLengthLong();
        boolean chunked = request.getHeader("Transfer-Encoding") != null;
        boolean http2 = length < 0 && !chunked && request.getProtocol().equals("HTTP/2.0");
        if (!chunked && !http2 && length <= 0) {
            return new RequestBody(InputStream.nullInputStream(), Optional.of(new byte[0]), id);
        }
        InputStream in = request.getInputStream();
        if (length > 0 && length <= SHORT) {
            return new RequestBody(in, Optional.of(in.readNBytes((int) length)), id);
        }
        return new RequestBody(in, Optional.empty(), id);
    }

    /** What the program can have at its start; empty where it comes later. */
    Optional<byte[]> atOnce() {
        return atOnce;
    }

    /** Whether the client broke off: the program must not take what it got for the whole. */
    boolean isBroken() {
        return broken;
    }

    /** Starts to pass on what did not go at once. */
    void passTo(ProgramConnection program) {
        if (atOnce.isEmpty()) {
            Thread passing = new Thread(() -> pass(program), "program-input-" + id);
            passing.setDaemon(true);
            thread = Optional.of(passing);
            passing.start();
        }
    }

    /** The program wants no more. */
    void unwanted() {
        unwanted = true;
    }

    private void pass(ProgramConnection program) {
        byte[] octets = new byte[ProgramConnection.STREAM_MAX];
        while (!unwanted) {
            int n;
            try {
                n = in.read(octets);
            } catch (IOException | IllegalStateException brokenOff) {
                broken = true;
                program.close();
                return;
            }
            try {
                if (n < 0) {
                    program.giveEnd();
                    return;
                }
                program.give(octets, n);
            } catch (IOException ended) {
                // The program, or what was between it and us, is gone; who listens to it knows more.
                return;
            }
        }
    }

    /** Waits until nobody reads from the request any more: it is about to serve another one. */
    @Override
    public void close() {
        unwanted = true;
        boolean interrupted = false;
        while (thread.isPresent() && thread.get().isAlive()) {
            try {
                thread.get().join();
            } catch (InterruptedException stopping) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
