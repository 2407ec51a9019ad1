// SPDX-License-Identifier: Apache-2.0
// After an exchange that broke, nothing more is said to that helper.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConversationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path socket;
    private ServerSocketChannel listener;
    private FrameChannel frames;
    private SocketChannel helper;

    @BeforeEach
    void listen() throws IOException {
        socket = folder.resolve("s");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        connect();
    }

    private void connect() throws IOException {
        frames = FrameChannel.connect(socket, PATIENCE);
        helper = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        frames.close();
        helper.close();
        listener.close();
    }

    private void assertClosed() throws IOException {
        assertEquals(-1, helper.read(ByteBuffer.allocate(1)));
    }

    @Test
    void goesOnAfterAnAnswer() throws Exception {
        Conversation conversation = new Conversation(frames, PATIENCE);
        assertEquals(1, conversation.talk("ONE", () -> 1));
        ByteBuffer frame = Frame.end(Frame.begin(Frame.ABORT, 0));
        conversation.talk("TWO", () -> {
            frames.send(frame);
            return 2;
        });
        assertEquals(Frame.HEADER, helper.read(ByteBuffer.allocate(Frame.HEADER + 1)));
    }

    @Test
    void endsTheHelperWhoseWordsAreNotUnderstood() throws Exception {
        List<Exception> breaches =
                List.of(new IOException("of that kind"), new EOFException(), new BufferUnderflowException());
        List<String> told = List.of("ASK: of that kind", "ASK: EOFException", "ASK: BufferUnderflowException");
        for (int number = 0; number < breaches.size(); number++) {
            Exception breach = breaches.get(number);
            HelperException failed = assertThrows(
                    HelperException.class,
                    () -> new Conversation(frames, PATIENCE).talk("ASK", () -> {
                        if (breach instanceof IOException io) {
                            throw io;
                        }
                        throw (RuntimeException) breach;
                    }));
            assertEquals(Reason.UNAVAILABLE, failed.reason());
            assertEquals(told.get(number), failed.getMessage());
            assertSame(breach, failed.getCause());
            assertClosed();
            helper.close();
            connect();
        }
    }

    @Test
    void endsTheHelperThatRefused() throws Exception {
        HelperException refusal = new HelperException(Reason.REFUSED, "no");
        assertSame(
                refusal,
                assertThrows(
                        HelperException.class,
                        () -> new Conversation(frames, PATIENCE).talk("ASK", () -> {
                            throw refusal;
                        })));
        assertClosed();
    }

    @Test
    void endsTheHelperOverAnyOtherFailureToo() throws Exception {
        StackOverflowError error = new StackOverflowError();
        assertSame(
                error,
                assertThrows(
                        StackOverflowError.class,
                        () -> new Conversation(frames, PATIENCE).talk("ASK", () -> {
                            throw error;
                        })));
        assertClosed();
    }

    @Test
    void endsTheHelperThatDoesNotAnswer() throws Exception {
        HelperException failed = assertThrows(
                HelperException.class,
                () -> new Conversation(frames, Duration.ofMillis(1)).talk("ASK", () -> frames.receive(Frame.DONE)));
        assertEquals(Reason.UNAVAILABLE, failed.reason());
        assertClosed();
    }
}
