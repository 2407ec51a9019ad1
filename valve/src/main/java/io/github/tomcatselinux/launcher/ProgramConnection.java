// SPDX-License-Identifier: Apache-2.0
// The valve's end of the connection to a confined helper that runs one program.
package io.github.tomcatselinux.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One program, from looking for it to its end. One thread may give it input while another listens to it; nothing else
 * is safe for several threads. Closing it kills the program and all that it started.
 */
public final class ProgramConnection implements AutoCloseable {
    /** Octets of one {@code STDIN}, {@code STDOUT} or {@code STDERR}. */
    public static final int STREAM_MAX = 65_536;

    /** Where in a header the type lies. */
    private static final int TYPE_AT = 4;

    private static final int RUN_CAPACITY = 131_072;

    /** In the flags of {@code RUN}: only into another domain. */
    private static final int ELSEWHERE = 1;

    private final HelperConnection helper;
    private final SocketChannel channel;
    private final Conversation conversation;
    private final ByteBuffer in =
            ByteBuffer.allocate(2 * (Frame.HEADER + STREAM_MAX)).flip();
    private final ByteBuffer stdin = ByteBuffer.allocate(Frame.HEADER);
    private volatile Optional<Deadline> end = Optional.empty();

    private ProgramConnection(HelperConnection helper, Duration patience) {
        this.helper = helper;
        this.channel = helper.frames().channel();
        this.conversation = new Conversation(helper.frames(), patience);
        in.clear().put(helper.frames().takeOver()).flip();
    }

    /**
     * Has a helper confine itself and look for the program: {@link #found} says whether there is one.
     *
     * @param launcher for programs
     * @param patience how long an answer may take
     * @param path segments below the prefix; the first regular file on its way is the program
     * @throws HelperException if there is no helper, it could not confine itself, or there can be no such path
     */
    public static ProgramConnection of(
            Launcher launcher, ConfineRequest request, Duration patience, String prefix, String path)
            throws HelperException {
        byte[] below = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] way = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = Frame.begin(Frame.FIND, below.length + way.length + 4);
        try {
            Frame.putString(frame, below);
            Frame.putString(frame, way);
        } catch (IOException unspeakable) {
            throw Conversation.broken("FIND", unspeakable);
        }
        return new ProgramConnection(launcher.finding(request, Frame.end(frame)), patience);
    }

    /** What the helper proved about itself. */
    public Confinement confinement() {
        return helper.confinement();
    }

    /**
     * What {@code FIND} found.
     *
     * @param errno why there is nothing; 0 if there is
     * @param length octets of the path that name the program
     */
    public record Found(int errno, int length) {}

    /**
     * How a program ended.
     *
     * @param killed by a signal
     * @param status the signal, or the exit status
     * @param limit what it ran into
     */
    public record Exit(boolean killed, int status, Limit limit) {}

    /** What a program can have run into. */
    public enum Limit {
        NONE,
        TIME,
        PROCESSOR,
        FILE_SIZE,
        PROCESSES,
        SILENCE,
        MEMORY,
        /** It failed, and had come near to the memory that it may have; nobody knows whether that is why. */
        MEMORY_PERHAPS
    }

    /**
     * What {@code RUN} started.
     *
     * @param errno why nothing runs; 0 if it does
     * @param why what the errno does not say, for the log
     */
    public record Started(int errno, String why) {}

    /**
     * What runs a program, and what it is given.
     *
     * @param elsewhere nothing is run unless the policy takes it to another domain than the helper's
     */
    public record Command(
            String interpreter,
            List<String> interpreterArguments,
            List<byte[]> arguments,
            List<byte[]> variables,
            boolean elsewhere) {
        /** Nothing in it changes any more. */
        public Command {
            interpreterArguments = List.copyOf(interpreterArguments);
            arguments = List.copyOf(arguments);
            variables = List.copyOf(variables);
        }
    }

    /** Told of all that a program says. */
    public interface Listener {
        /** Octets of standard output. */
        void output(ByteBuffer octets) throws IOException;

        /** There will be no more of them. */
        void outputEnded() throws IOException;

        /** Octets of standard error. */
        void errors(ByteBuffer octets);

        /** The program takes no more input. */
        void inputClosed();

        /** Nothing more has come yet: what was held back may go out. */
        void waiting() throws IOException;
    }

    /** What was found, or why nothing was. To be called once. */
    public Found found() throws HelperException {
        return conversation.talk("FIND", () -> {
            ByteBuffer payload = receive(Frame.FOUND);
            return new Found(Frame.getUnsignedShort(payload), Frame.getUnsignedShort(payload));
        });
    }

    /**
     * Runs what was found.
     *
     * @param input what it finds on standard input at once, at most {@link #STREAM_MAX} octets; empty where that comes
     *     later, by {@link #give}
     * @throws HelperException also when there is more to hand over than a program can be given
     */
    public Started run(Command command, Optional<byte[]> input) throws HelperException {
        return conversation.talk("RUN", () -> {
            ByteBuffer frame = Frame.begin(Frame.RUN, RUN_CAPACITY);
            frame.putShort((short) 0).putShort((short) (command.elsewhere() ? ELSEWHERE : 0));
            Frame.putString(frame, command.interpreter());
            putList(
                    frame,
                    command.interpreterArguments().stream()
                            .map(argument -> argument.getBytes(StandardCharsets.UTF_8))
                            .toList());
            putList(frame, command.arguments());
            putList(frame, command.variables());
            start(Frame.end(frame), input);
            ByteBuffer payload = receive(Frame.STARTED);
            int errno = Frame.getUnsignedShort(payload);
            payload.getInt();
            return new Started(errno, Frame.getString(payload));
        });
    }

    /** In one write, so that the helper wakes once. */
    private void start(ByteBuffer run, Optional<byte[]> input) {
        ByteBuffer octets = ByteBuffer.wrap(input.orElse(new byte[0]));
        ByteBuffer end = input.isPresent() ? Frame.end(Frame.begin(Frame.STDIN_END, 0)) : octets;
        ByteBuffer[] parts = {run, octets.hasRemaining() ? inputHeader(octets.remaining()) : octets, octets, end};
        try {
            while (run.hasRemaining() || end.hasRemaining()) {
                channel.write(parts);
            }
        } catch (IOException unwanted) {
            // A program that is quick may have ended before it is told that there is no more: it has answered all the
            // same.
            // Where more than that is wrong, there is no reply either.
            return;
        }
    }

    private ByteBuffer inputHeader(int size) {
        return stdin.clear()
                .putInt(size)
                .putShort((short) Frame.STDIN)
                .putShort((short) 0)
                .flip();
    }

    /** Gives input; blocks while the program takes none. */
    public void give(byte[] octets, int length) throws IOException {
        for (int at = 0; at < length; at += STREAM_MAX) {
            int size = Math.min(STREAM_MAX, length - at);
            ByteBuffer[] parts = {inputHeader(size), ByteBuffer.wrap(octets, at, size)};
            while (parts[1].hasRemaining()) {
                channel.write(parts);
            }
        }
    }

    /** Ends the input. */
    public void giveEnd() throws IOException {
        send(Frame.end(Frame.begin(Frame.STDIN_END, 0)));
    }

    /**
     * Listens until the program has ended.
     *
     * @throws HelperException if the helper is gone without having said how
     */
    public Exit listen(Listener listener) throws IOException {
        while (true) {
            Reply reply = next(listener);
            switch (reply.type()) {
                case Frame.STDOUT -> {
                    if (reply.payload().hasRemaining()) {
                        listener.output(reply.payload());
                    } else {
                        listener.outputEnded();
                    }
                }
                case Frame.STDERR -> listener.errors(reply.payload());
                case Frame.STDIN_CLOSED -> listener.inputClosed();
                case Frame.EXITED -> {
                    return exit(reply.payload());
                }
                default ->
                    throw Conversation.broken(
                            "program", new IOException("a reply of type " + reply.type() + " from a running program"));
            }
        }
    }

    /** Ends it after a while, unless it is closed before. To be called once at most. */
    public void endWithin(Duration time) {
        end = Optional.of(Deadline.closing(channel, time));
    }

    @Override
    public void close() {
        end.ifPresent(Deadline::close);
        helper.close();
    }

    private static Exit exit(ByteBuffer payload) throws IOException {
        try {
            boolean killed = Frame.getUnsignedShort(payload) != 0;
            int status = Frame.getUnsignedShort(payload);
            int limit = Frame.getUnsignedShort(payload);
            return new Exit(killed, status, Limit.values()[limit < Limit.values().length ? limit : 0]);
        } catch (BufferUnderflowException cut) {
            throw Conversation.broken("program", cut);
        }
    }

    private static void putList(ByteBuffer frame, List<byte[]> strings) throws IOException {
        frame.putShort((short) strings.size());
        for (byte[] string : strings) {
            Frame.putString(frame, string);
        }
    }

    private void send(ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    private record Reply(int type, ByteBuffer payload) {}

    /** What has come whole; empty if that is nothing. The payload is good until more is read. */
    private Optional<Reply> whole() throws IOException {
        if (in.remaining() < Frame.HEADER) {
            return Optional.empty();
        }
        int length = in.getInt(in.position());
        if (length < 0 || length > STREAM_MAX) {
            throw new IOException("a reply of " + Integer.toUnsignedString(length) + " octets");
        }
        if (in.remaining() < Frame.HEADER + length) {
            return Optional.empty();
        }
        int type = Short.toUnsignedInt(in.getShort(in.position() + TYPE_AT));
        Reply reply = new Reply(type, in.slice(in.position() + Frame.HEADER, length));
        in.position(in.position() + Frame.HEADER + length);
        return Optional.of(reply);
    }

    private Reply next(Listener listener) throws IOException {
        boolean told = false;
        while (true) {
            try {
                Optional<Reply> reply = whole();
                if (reply.isPresent()) {
                    return reply.get();
                }
            } catch (IOException malformed) {
                throw Conversation.broken("program", malformed);
            }
            if (!told && !in.hasRemaining()) {
                told = true;
                listener.waiting();
            }
            try {
                more();
            } catch (IOException gone) {
                throw Conversation.broken("program", gone);
            }
        }
    }

    private void more() throws IOException {
        in.compact();
        try {
            if (channel.read(in) < 0) {
                throw new EOFException("the helper is gone");
            }
        } finally {
            in.flip();
        }
    }

    private ByteBuffer receive(int expected) throws IOException {
        Optional<Reply> reply = whole();
        while (reply.isEmpty()) {
            more();
            reply = whole();
        }
        if (reply.get().type() != expected) {
            throw new IOException("a reply of type " + reply.get().type() + " where " + expected + " was due");
        }
        return reply.get().payload();
    }
}
