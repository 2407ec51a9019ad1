// SPDX-License-Identifier: Apache-2.0
// The content of a file that a helper has open.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads in large pieces, while the helper sends more, and skips without reading. Ends where the file ended when it was
 * opened, or earlier if it was cut since.
 */
final class HelperInputStream extends InputStream {
    private static final int PIECE = 65_536;

    private final HelperConnection helper;
    private final int handle;
    private final long size;

    /** What was read and not used yet, of the file before {@code position}. */
    private ByteBuffer piece;

    private long position;
    private boolean closed;

    private HelperInputStream(HelperConnection helper, Opened file) {
        this.helper = helper;
        this.handle = file.attributes().handle();
        this.size = file.attributes().size();
        this.piece = file.start();
        this.position = piece.remaining();
    }

    /** The content of a file that is open already. */
    static HelperInputStream of(HelperConnection helper, Opened file) {
        return new HelperInputStream(helper, file);
    }

    /**
     * Opens a regular file.
     *
     * @param told what the client was or will be told of it
     * @throws HelperException if this helper may not open it, or another file has taken its place meanwhile
     */
    static HelperInputStream open(HelperConnection helper, byte[] path, Attributes told) throws HelperException {
        Opened file = helper.open(path);
        Attributes opened = file.attributes();
        if (opened.outcome().isDenied()) {
            throw new HelperException(
                    HelperException.Reason.REFUSED, "the file could not be opened again: errno " + opened.errno());
        }
        HelperInputStream content = new HelperInputStream(helper, file);
        if (opened.errno() != 0 || opened.size() != told.size() || opened.modified() != told.modified()) {
            content.close();
            throw new HelperException(HelperException.Reason.UNAVAILABLE, "the file was replaced while it was served");
        }
        return content;
    }

    @Override
    public int read() throws IOException {
        return fill() ? Byte.toUnsignedInt(piece.get()) : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int octets = Math.min(length, piece.remaining());
        piece.get(target, offset, octets);
        return octets;
    }

    @Override
    public long skip(long wanted) throws IOException {
        requireOpen();
        if (wanted <= 0) {
            return 0;
        }
        long buffered = Math.min(wanted, piece.remaining());
        piece.position(piece.position() + (int) buffered);
        long beyond = Math.min(wanted - buffered, size - position);
        if (beyond > 0) {
            position += beyond;
        }
        return buffered + Math.max(0, beyond);
    }

    @Override
    public int available() {
        return piece.remaining();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (handle != 0) {
                helper.close(handle);
            }
        }
    }

    /** Makes at least one octet available; false at the end. */
    private boolean fill() throws IOException {
        requireOpen();
        if (piece.hasRemaining()) {
            return true;
        }
        if (position >= size) {
            return false;
        }
        if (piece.capacity() < PIECE) {
            piece = ByteBuffer.allocate((int) Math.min(PIECE, size - position));
        }
        piece.clear().limit((int) Math.min(piece.capacity(), size - position));
        while (piece.hasRemaining()) {
            int octets = helper.read(handle, position, piece, size);
            if (octets == 0) {
                break;
            }
            position += octets;
        }
        piece.flip();
        return piece.hasRemaining();
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }
}
