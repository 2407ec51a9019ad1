// SPDX-License-Identifier: Apache-2.0
// The valve's end of the connection to one confined helper.
package io.github.tomcatselinux.launcher;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One helper process, confined before the first word beyond the {@code CONFINE} frame is said. Not safe for use by
 * several threads. Closing it ends the helper.
 */
public final class HelperConnection implements AutoCloseable {
    private static final int REQUEST_CAPACITY = 8_192;

    /** The fields that an answer begins with: errno, who refused, which root answered. */
    private static final int OUTCOME_LENGTH = 2 + 2 + 2;

    private static final int ATTRIBUTES_LENGTH = OUTCOME_LENGTH + 2 + 2 + 8 + 8 + 8;

    /** How much longer than the helper's own deadline the valve waits, so that the helper's word comes first. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final SocketChannel channel;
    private final Duration patience;
    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
    private final Confinement confinement;
    private int handles;

    private HelperConnection(SocketChannel channel, ConfineRequest request) throws IOException {
        this.channel = channel;
        this.patience = request.progressTimeout().plus(GRACE);
        this.confinement = confine(request);
    }

    /**
     * Connects to a launcher's socket and waits until the helper behind it says that it is confined.
     *
     * @throws HelperException if no helper answers, it could not confine itself, or its context is not the one asked for
     */
    public static HelperConnection confined(Path socket, ConfineRequest request) throws HelperException {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try (Deadline deadline = Deadline.closing(channel, request.progressTimeout())) {
                channel.connect(UnixDomainSocketAddress.of(socket));
            }
            return new HelperConnection(channel, request);
        } catch (HelperException failed) {
            closeQuietly(channel);
            throw failed;
        } catch (IOException | BufferUnderflowException broken) {
            closeQuietly(channel);
            throw new HelperException(Reason.UNAVAILABLE, "launcher at [" + socket + "]: " + describe(broken), broken);
        }
    }

    /** What the helper proved about itself. */
    public Confinement confinement() {
        return confinement;
    }

    /** The attributes of what a path names; see the protocol for what exists to a helper. */
    public Attributes stat(byte[] path) throws HelperException {
        return askAbout(Frame.STAT, path);
    }

    /** Opens a regular file; the answer's handle is good until {@link #close(int)}. */
    public Attributes open(byte[] path) throws HelperException {
        Attributes opened = askAbout(Frame.OPEN, path);
        if (opened.errno() == 0) {
            handles++;
        }
        return opened;
    }

    /**
     * Reads from an open file into the target, at most what it has room for.
     *
     * @return octets read; 0 at the end of the file
     */
    public int read(int handle, long offset, ByteBuffer target) throws HelperException {
        return talk("READ", () -> {
            int wanted = Math.min(target.remaining(), Frame.MAX_REPLY);
            ByteBuffer frame = Frame.begin(Frame.READ, 14);
            send(Frame.end(frame.putShort((short) handle).putLong(offset).putInt(wanted)));
            int length = receiveHeader(Frame.DATA);
            if (length > wanted) {
                throw new IOException("more octets than were asked for");
            }
            ByteBuffer window = target.slice(target.position(), length);
            fill(window);
            target.position(target.position() + length);
            return length;
        });
    }

    /** Closes an open file. */
    public void close(int handle) throws HelperException {
        handles--;
        talk("CLOSE", () -> {
            send(Frame.end(Frame.begin(Frame.CLOSE, 2).putShort((short) handle)));
            return handle;
        });
    }

    /** The names in a folder that this context may read; empty, with the reason in {@code errno}, when it may not be listed. */
    public Listing list(byte[] path) throws HelperException {
        return talk("LIST", () -> {
            sendPath(Frame.LIST, path);
            List<DirectoryEntry> entries = new ArrayList<>();
            while (true) {
                ByteBuffer payload = receive(Frame.ENTRIES);
                int errno = getErrno(payload);
                boolean last = payload.getShort() != 0;
                for (int left = Frame.getUnsignedShort(payload); left > 0; left--) {
                    String name = Frame.getString(payload);
                    Attributes.Kind kind = kind(payload.getShort());
                    payload.getShort(); // the root that it is in
                    entries.add(new DirectoryEntry(
                            name, new Attributes(0, kind, 0, payload.getLong(), payload.getLong(), payload.getLong())));
                }
                if (last) {
                    return new Listing(errno, List.copyOf(entries));
                }
            }
        });
    }

    /** Whether the helper is alive, owes no answer and has no file open, so that it can serve another request. */
    public boolean isReusable() {
        if (handles != 0 || !channel.isOpen()) {
            return false;
        }
        try {
            channel.configureBlocking(false);
            try {
                // Nothing may be on its way: one octet, or the end, and the helper is of no use.
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
        closeQuietly(channel);
    }

    private Confinement confine(ConfineRequest request) throws HelperException {
        Confinement answer = talk("CONFINE", () -> {
            send(request.frame());
            ByteBuffer payload = receive(Frame.CONFINED);
            return new Confinement(
                    Integer.toUnsignedLong(payload.getInt()), payload.getInt(), Frame.getString(payload));
        });
        if (!answer.isWhole(request.selinux())) {
            throw new HelperException(
                    Reason.REFUSED,
                    "the helper is not wholly confined: measures 0x" + Integer.toHexString(answer.measures()));
        }
        if (request.selinux() && !answer.context().equals(request.context())) {
            throw new HelperException(
                    Reason.REFUSED,
                    "the helper runs as [" + answer.context() + "], not as [" + request.context() + "]");
        }
        return answer;
    }

    private Attributes askAbout(int type, byte[] path) throws HelperException {
        return talk(type == Frame.STAT ? "STAT" : "OPEN", () -> {
            sendPath(type, path);
            ByteBuffer payload = receive(Frame.ATTRIBUTES);
            if (payload.remaining() != ATTRIBUTES_LENGTH) {
                throw new IOException("attributes of " + payload.remaining() + " octets");
            }
            int errno = getErrno(payload);
            return new Attributes(
                    errno,
                    kind(payload.getShort()),
                    Frame.getUnsignedShort(payload),
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong());
        });
    }

    private void sendPath(int type, byte[] path) throws IOException {
        ByteBuffer frame = Frame.begin(type, REQUEST_CAPACITY);
        Frame.putString(frame, path);
        if (type == Frame.OPEN) {
            frame.putInt(0); // no octets along with the attributes
        }
        send(Frame.end(frame));
    }

    /** Takes what an answer begins with. */
    private static int getErrno(ByteBuffer payload) {
        int errno = Frame.getUnsignedShort(payload);
        payload.position(payload.position() + OUTCOME_LENGTH - 2);
        return errno;
    }

    private static Attributes.Kind kind(short number) throws IOException {
        return switch (number) {
            case 0 -> Attributes.Kind.NONE;
            case 1 -> Attributes.Kind.FILE;
            case 2 -> Attributes.Kind.DIRECTORY;
            case 3 -> Attributes.Kind.WAY;
            default -> throw new IOException("unknown kind of object " + number);
        };
    }

    private void send(ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    private ByteBuffer receive(int expected) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(receiveHeader(expected));
        fill(payload);
        return payload.flip();
    }

    /** Reads a header, turns a {@code FAILED} into its exception, and returns the length of the expected payload. */
    private int receiveHeader(int expected) throws IOException {
        fill(header.clear());
        header.flip();
        int length = header.getInt();
        int type = Frame.getUnsignedShort(header);
        if (length < 0 || length > Frame.MAX_REPLY) {
            throw new IOException("a reply of " + Integer.toUnsignedString(length) + " octets");
        }
        if (type == Frame.FAILED) {
            ByteBuffer payload = ByteBuffer.allocate(length);
            fill(payload);
            payload.flip();
            int reason = Frame.getUnsignedShort(payload);
            int errno = Frame.getUnsignedShort(payload);
            throw new HelperException(
                    Reason.REFUSED,
                    "helper: " + printable(Frame.getString(payload)) + " (reason " + reason + ", errno " + errno + ")");
        }
        if (type != expected) {
            throw new IOException("a reply of type " + type + " where " + expected + " was due");
        }
        return length;
    }

    /** What came from elsewhere must not end a line of the log, nor steer a terminal. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    private void fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new EOFException("the helper is gone");
            }
        }
    }

    private interface Conversation<T> {
        T run() throws IOException;
    }

    /** Runs one exchange under a deadline; whatever breaks in it closes the connection, and so ends the helper. */
    private <T> T talk(String what, Conversation<T> exchange) throws HelperException {
        try (Deadline deadline = Deadline.closing(channel, patience)) {
            return exchange.run();
        } catch (HelperException failed) {
            close();
            throw failed;
        } catch (IOException | BufferUnderflowException broken) {
            close();
            throw new HelperException(Reason.UNAVAILABLE, what + ": " + describe(broken), broken);
        }
    }

    private static String describe(Exception exception) {
        return exception.getMessage() == null ? exception.getClass().getSimpleName() : exception.getMessage();
    }

    private static void closeQuietly(SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException alreadyGone) {
                // Closing is how the helper is ended; there is nothing left to do for a descriptor that is gone.
                return;
            }
        }
    }
}
