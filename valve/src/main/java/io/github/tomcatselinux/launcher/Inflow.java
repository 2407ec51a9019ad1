// SPDX-License-Identifier: Apache-2.0
// The content of an open file, on its way from the helper.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Asks for a piece of the file, and from the second one on for the next as soon as one begins to come: so the helper sends
 * while what it has sent is used. Pieces grow, since who has read much of a file will most likely read the rest; who asks
 * for something else after each piece, as a copy does, has nothing on its way that would be thrown away.
 */
final class Inflow {
    private static final int FIRST_PIECE = 65_536;
    private static final int GROWTH = 4;

    private final FrameChannel frames;
    private final int handle;

    /** In the file: what is taken next, and what is asked for next. */
    private long position;

    private long asked;

    /** Octets of the piece that is coming. */
    private int left;

    /** What was asked for behind that; 0 if nothing was. */
    private int due;

    private int next = FIRST_PIECE;
    private boolean ended;

    Inflow(FrameChannel frames, int handle, long position) {
        this.frames = frames;
        this.handle = handle;
        this.position = position;
        this.asked = position;
    }

    /** Whether this is the file, and the place in it that is to be read. */
    boolean isAt(int wanted, long offset) {
        return handle == wanted && position == offset;
    }

    /** Whether nothing is on its way. */
    boolean isDry() {
        return left == 0 && due == 0;
    }

    /**
     * Waits for octets, and takes what has come of them.
     *
     * @param end where the file ends as far as is known: nothing is asked for beyond
     * @return octets taken; 0 at the end of the file
     */
    int take(ByteBuffer target, long end) throws IOException {
        if (left == 0 && !begin(end)) {
            return 0;
        }
        int octets = frames.take(target.slice(target.position(), Math.min(target.remaining(), left)));
        target.position(target.position() + octets);
        left -= octets;
        position += octets;
        return octets;
    }

    /** Passes over what is on its way. */
    void drain() throws IOException {
        frames.skip(left);
        left = 0;
        if (due > 0) {
            due = 0;
            frames.skip(frames.receiveHeader(Frame.DATA));
        }
    }

    /** Waits for the next piece; false if the file has no more. */
    private boolean begin(long end) throws IOException {
        if (due == 0) {
            ask(end);
        }
        if (due == 0) {
            return false;
        }
        int wanted = due;
        due = 0;
        left = frames.receiveHeader(Frame.DATA);
        if (left > wanted) {
            throw new IOException("more octets than were asked for");
        }
        // Shorter only where the file ends now: whatever it may grow to later does not follow on what was read.
        ended = left < wanted;
        if (next > FIRST_PIECE * GROWTH) {
            ask(end);
        }
        return left > 0;
    }

    private void ask(long end) throws IOException {
        int length = (int) Math.min(next, end - asked);
        if (ended || length <= 0) {
            return;
        }
        ByteBuffer frame = Frame.begin(Frame.READ, 2 + 8 + 4);
        frame.putShort((short) handle).putLong(asked).putInt(length);
        frames.send(Frame.end(frame));
        due = length;
        asked += length;
        next = Math.min(next * GROWTH, Frame.MAX_REPLY);
    }
}
