// SPDX-License-Identifier: Apache-2.0
// The content of a file that a helper has open.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads in large pieces, one round trip each, and skips without reading. Ends where the file ended when it was opened,
 * or earlier if it was cut since.
 */
final class HelperInputStream extends InputStream {
    private static final int PIECE = 65_536;

    private final HelperConnection helper;
    private final int handle;
    private final long size;
    private final ByteBuffer piece;
    private long position;
    private boolean closed;

    private HelperInputStream(HelperConnection helper, Attributes opened) {
        this.helper = helper;
        this.handle = opened.handle();
        this.size = opened.size();
        this.piece =
                ByteBuffer.allocate((int) Math.max(1, Math.min(PIECE, size))).limit(0);
    }

    /**
     * Opens a regular file.
     *
     * @throws HelperException if this helper may not open it
     */
    static HelperInputStream open(HelperConnection helper, byte[] path) throws HelperException {
        Attributes opened = helper.open(path);
        if (opened.errno() != 0) {
            throw new HelperException(
                    HelperException.Reason.REFUSED, "the file could not be opened again: errno " + opened.errno());
        }
        return new HelperInputStream(helper, opened);
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
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            helper.close(handle);
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
        piece.clear().limit((int) Math.min(piece.capacity(), size - position));
        position += helper.read(handle, position, piece);
        piece.flip();
        return piece.hasRemaining();
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }
}
