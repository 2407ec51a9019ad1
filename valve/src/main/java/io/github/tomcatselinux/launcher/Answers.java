// SPDX-License-Identifier: Apache-2.0
// Reading what a helper for files answers.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The payloads of {@code docs/protocol.md}, each read from where its buffer stands. */
final class Answers {
    /** The fields that an answer begins with: errno, who refused, which root answered. */
    private static final int OUTCOME_LENGTH = 2 + 2 + 2;

    private static final int ATTRIBUTES_LENGTH = OUTCOME_LENGTH + 2 + 2 + 8 + 8 + 8;

    private Answers() {}

    /** {@code CONFINED}. */
    static Confinement confinement(ByteBuffer payload) {
        return new Confinement(Integer.toUnsignedLong(payload.getInt()), payload.getInt(), Frame.getString(payload));
    }

    /** {@code ATTRIBUTES}. */
    static Attributes attributes(ByteBuffer payload) throws IOException {
        if (payload.remaining() != ATTRIBUTES_LENGTH) {
            throw new IOException("attributes of " + payload.remaining() + " octets");
        }
        Outcome outcome = outcome(payload);
        return new Attributes(
                outcome,
                kind(payload.getShort()),
                Frame.getUnsignedShort(payload),
                payload.getLong(),
                payload.getLong(),
                payload.getLong());
    }

    /** {@code DONE}. */
    static Outcome done(ByteBuffer payload) throws IOException {
        if (payload.remaining() != OUTCOME_LENGTH) {
            throw new IOException("an outcome of " + payload.remaining() + " octets");
        }
        return outcome(payload);
    }

    /** One {@code ENTRIES} of a list. */
    record Entries(Outcome outcome, boolean last) {}

    /**
     * {@code ENTRIES}.
     *
     * @param entries those of the payload are added to
     */
    static Entries entries(ByteBuffer payload, List<DirectoryEntry> entries) throws IOException {
        Outcome outcome = outcome(payload);
        boolean last = payload.getShort() != 0;
        for (int left = Frame.getUnsignedShort(payload); left > 0; left--) {
            String name = Frame.getString(payload);
            Attributes.Kind kind = kind(payload.getShort());
            Outcome there = new Outcome(0, Outcome.RefusedBy.NOBODY, Frame.getUnsignedShort(payload));
            entries.add(new DirectoryEntry(
                    name, new Attributes(there, kind, 0, payload.getLong(), payload.getLong(), payload.getLong())));
        }
        return new Entries(outcome, last);
    }

    private static Outcome outcome(ByteBuffer payload) {
        int errno = Frame.getUnsignedShort(payload);
        Outcome.RefusedBy refusedBy = Outcome.RefusedBy.of(Frame.getUnsignedShort(payload));
        return new Outcome(errno, refusedBy, Frame.getUnsignedShort(payload));
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
}
