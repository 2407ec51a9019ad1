// SPDX-License-Identifier: Apache-2.0
// The stream of frames between the valve and one helper.
package io.github.tomcatselinux.launcher;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes with one system call whatever replies have come, and sends with one whatever requests wait. Not safe for use by
 * several threads, but for {@link #close()}.
 */
final class FrameChannel implements AutoCloseable {
    /** Room for the answers about a small file and its content. */
    private static final int READ_AHEAD = 8_192;

    private final SocketChannel channel;

    /** What has come and was not asked for yet. */
    private final ByteBuffer here = ByteBuffer.allocate(READ_AHEAD).limit(0);

    private final List<ByteBuffer> waiting = new ArrayList<>();

    private FrameChannel(SocketChannel channel) {
        this.channel = channel;
    }

    /** What has come of a conversation that goes on in {@link #channel()}. */
    ByteBuffer takeOver() {
        return here;
    }

    /** For a conversation in both directions at once, by two threads. */
    SocketChannel channel() {
        return channel;
    }

    static FrameChannel connect(Path socket, Duration patience) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (Deadline deadline = Deadline.closing(channel, patience)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new FrameChannel(channel);
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
    }

    /** Whoever blocks in this channel when the time is up gets an {@link IOException}. */
    Deadline deadline(Duration patience) {
        return Deadline.closing(channel, patience);
    }

    /** Lets a frame wait for the next one that is sent: for requests that nobody awaits an answer to. */
    void sendLater(ByteBuffer frame) {
        waiting.add(frame);
    }

    void send(ByteBuffer frame) throws IOException {
        waiting.add(frame);
        ByteBuffer[] frames = waiting.toArray(new ByteBuffer[0]);
        waiting.clear();
        while (frame.hasRemaining()) {
            channel.write(frames);
        }
    }

    /** Reads a header, turns a {@code FAILED} into its exception, and returns the length of the expected payload. */
    int receiveHeader(int expected) throws IOException {
        await(Frame.HEADER);
        int length = here.getInt();
        int type = Frame.getUnsignedShort(here);
        here.getShort();
        if (length < 0 || length > Frame.MAX_REPLY) {
            throw new IOException("a reply of " + Integer.toUnsignedString(length) + " octets");
        }
        if (type == Frame.FAILED) {
            throw failure(payload(length));
        }
        if (type != expected) {
            throw new IOException("a reply of type " + type + " where " + expected + " was due");
        }
        return length;
    }

    /** A whole reply of the expected type. Its octets are good until the next call. */
    ByteBuffer receive(int expected) throws IOException {
        return payload(receiveHeader(expected));
    }

    /** Fills the target with octets of a payload. */
    void fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            take(target);
        }
    }

    /** Waits for octets of a payload and returns how many have come, which may be less than the target has room for. */
    int take(ByteBuffer target) throws IOException {
        if (!here.hasRemaining()) {
            return read(target);
        }
        int octets = Math.min(here.remaining(), target.remaining());
        target.put(here.slice(here.position(), octets));
        here.position(here.position() + octets);
        return octets;
    }

    /** Passes over octets of a payload. */
    void skip(int octets) throws IOException {
        for (int left = octets; left > 0; ) {
            int part = Math.min(left, READ_AHEAD);
            payload(part);
            left -= part;
        }
    }

    /** Whether the peer is there, and nothing of it: one octet, or the end, and it is not what it was taken for. */
    boolean isQuiet() {
        if (here.hasRemaining() || !channel.isOpen()) {
            return false;
        }
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) == 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // Closing is how the helper is ended; there is nothing left to do for a descriptor that is gone.
            return;
        }
    }

    private ByteBuffer payload(int length) throws IOException {
        if (length > READ_AHEAD) {
            ByteBuffer payload = ByteBuffer.allocate(length);
            fill(payload);
            return payload.flip();
        }
        await(length);
        ByteBuffer payload = here.slice(here.position(), length);
        here.position(here.position() + length);
        return payload;
    }

    /** Waits until so many octets are here, and takes along what else has come. */
    private void await(int octets) throws IOException {
        if (here.remaining() >= octets) {
            return;
        }
        here.compact();
        while (here.position() < octets) {
            read(here);
        }
        here.flip();
    }

    private int read(ByteBuffer target) throws IOException {
        int octets = channel.read(target);
        if (octets < 0) {
            throw new EOFException("the helper is gone");
        }
        return octets;
    }

    private static HelperException failure(ByteBuffer payload) {
        int reason = Frame.getUnsignedShort(payload);
        int errno = Frame.getUnsignedShort(payload);
        return new HelperException(
                Reason.REFUSED,
                "helper: " + printable(Frame.getString(payload)) + " (reason " + reason + ", errno " + errno + ")");
    }

    /** What came from elsewhere must not end a line of the log, nor steer a terminal. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }
}
