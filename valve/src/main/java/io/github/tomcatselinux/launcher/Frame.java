// SPDX-License-Identifier: Apache-2.0
// Writing and reading the payload of one frame.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The frames of {@code docs/protocol.md}: a header of eight octets and a payload, all in network byte order. */
final class Frame {
    static final int HEADER = 8;
    static final int MAX_REPLY = 1 << 20;

    /** Requests and replies by their number. */
    static final int CONFINE = 1;

    static final int STAT = 2;
    static final int OPEN = 3;
    static final int READ = 4;
    static final int CLOSE = 5;
    static final int LIST = 6;
    static final int MKDIR = 7;
    static final int CREATE = 8;
    static final int CONTENT = 9;
    static final int COMMIT = 10;
    static final int ABORT = 11;
    static final int DELETE = 12;
    static final int ACCESS = 13;
    static final int FIND = 32;
    static final int RUN = 33;
    static final int STDIN = 34;
    static final int STDIN_END = 35;
    static final int CONFINED = 65;
    static final int FAILED = 66;
    static final int ATTRIBUTES = 67;
    static final int DATA = 68;
    static final int ENTRIES = 69;
    static final int DONE = 70;
    static final int FOUND = 96;
    static final int STARTED = 97;
    static final int STDOUT = 98;
    static final int STDERR = 99;
    static final int STDIN_CLOSED = 100;
    static final int EXITED = 101;

    private static final int MAX_STRING = 0xffff;

    private Frame() {}

    /** An empty frame of a type, large enough for a payload of so many octets. */
    static ByteBuffer begin(int type, int capacity) {
        return begin(type, ByteBuffer.allocate(HEADER + capacity));
    }

    /** An empty frame of a type in a buffer that has been used before. */
    static ByteBuffer begin(int type, ByteBuffer buffer) {
        return buffer.clear().putInt(0).putShort((short) type).putShort((short) 0);
    }

    /** Sets the length and makes the frame ready to be written. */
    static ByteBuffer end(ByteBuffer frame) {
        return frame.putInt(0, frame.position() - HEADER).flip();
    }

    static void putString(ByteBuffer frame, byte[] octets) throws IOException {
        if (octets.length > MAX_STRING || octets.length + 2 > frame.remaining()) {
            throw new IOException("a string of " + octets.length + " octets does not fit into the frame");
        }
        for (byte octet : octets) {
            if (octet == 0) {
                throw new IOException("a string may not hold a NUL");
            }
        }
        frame.putShort((short) octets.length).put(octets);
    }

    static void putString(ByteBuffer frame, String text) throws IOException {
        putString(frame, text.getBytes(StandardCharsets.UTF_8));
    }

    static String getString(ByteBuffer payload) {
        byte[] octets = new byte[Short.toUnsignedInt(payload.getShort())];
        payload.get(octets);
        return new String(octets, StandardCharsets.UTF_8);
    }

    static int getUnsignedShort(ByteBuffer payload) {
        return Short.toUnsignedInt(payload.getShort());
    }
}
