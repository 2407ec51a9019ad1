// SPDX-License-Identifier: Apache-2.0
// What is behind the socket is believed only as far as it proves itself.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelperConnectionTest {
    private static final String CONTEXT = "system_u:system_r:a_webapp_t:s0";
    private static final int WHOLE = 0b1111011;

    /** Nobody is late in these tests, but where that is the point. */
    private static final Duration PROGRESS = Duration.ofSeconds(70);

    @TempDir
    Path folder;

    private Path socket;
    private ServerSocketChannel listener;
    private Thread helper;
    private final ByteBuffer asked = ByteBuffer.allocate(20_000);

    @BeforeEach
    void listen() throws IOException {
        socket = folder.resolve("s");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket), 1);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** A helper that answers the first frame with these octets, and then nothing more. */
    private void answer(ByteBuffer reply) {
        helper = new Thread(() -> {
            try {
                SocketChannel peer = listener.accept();
                peer.read(asked.clear());
                while (reply.hasRemaining()) {
                    peer.write(reply);
                }
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        });
        helper.setDaemon(true);
        helper.start();
    }

    private static ByteBuffer confined(int measures, String context) throws IOException {
        ByteBuffer frame = Frame.begin(Frame.CONFINED, 2_000);
        frame.putInt(42).putInt(measures);
        Frame.putString(frame, context);
        return Frame.end(frame);
    }

    private HelperConnection connect(boolean selinux) throws HelperException {
        return connect(selinux, PROGRESS);
    }

    private HelperConnection connect(boolean selinux, Duration progress) throws HelperException {
        return HelperConnection.confined(
                socket,
                new ConfineRequest(
                        CONTEXT,
                        "id",
                        new ConfineRequest.Identity("tom", "cats", List.of("CAP_A", "CAP_B")),
                        new ConfineRequest.Ceilings(1L << 32, 60, 1L << 33, 40_000, 0),
                        List.of(
                                new ConfineRequest.Root("", Path.of("/srv/\u00e4"), true, false),
                                new ConfineRequest.Root("/lib", Path.of("/x.jar"), false, true)),
                        progress,
                        Duration.ofMinutes(1),
                        selinux,
                        ConfineRequest.Way.FILES),
                Optional.empty(),
                false);
    }

    private Reason refusal(boolean selinux) {
        return assertThrows(HelperException.class, () -> connect(selinux)).reason();
    }

    @Test
    void takesAHelperThatTookTheContextAskedFor() throws Exception {
        answer(confined(WHOLE, CONTEXT));
        try (HelperConnection helper = connect(true)) {
            assertEquals(new Confinement(42, WHOLE, CONTEXT), helper.confinement());
        }
    }

    @Test
    void asksForWhatTheProtocolSays() throws Exception {
        answer(confined(WHOLE, CONTEXT));
        connect(true).close();
        helper.join();
        String payload = "\0\1\0\1\0\1\21p\0\0\u00ea`\0\37"
                + CONTEXT
                + "\0\2id\0\3tom\0\4cats\0\2\0\5CAP_A\0\5CAP_B"
                + "\0\0\0\1\0\0\0\0\0\0\0\74\0\0\0\2\0\0\0\0\u009c@\0\0"
                + "\0\2\0\0\0\7/srv/\u00c3\u00a4\0\1\0\4/lib\0\6/x.jar\0\2";
        ByteBuffer header = asked.flip().slice(0, Frame.HEADER);
        assertEquals(payload.length(), header.getInt());
        assertEquals(Frame.CONFINE << 16, header.getInt());
        assertEquals(
                payload,
                StandardCharsets.ISO_8859_1.decode(asked.position(Frame.HEADER)).toString());
    }

    @Test
    void refusesAHelperWithoutAContextWhereTheKernelHasSelinux() throws Exception {
        answer(confined(WHOLE, ""));
        assertEquals(Reason.REFUSED, refusal(true));
    }

    @Test
    void refusesAHelperInAnotherContext() throws Exception {
        answer(confined(WHOLE, CONTEXT + ":c1"));
        assertEquals(Reason.REFUSED, refusal(true));
    }

    @Test
    void refusesAHelperThatLacksAMeasure() throws Exception {
        for (int bit : new int[] {0, 1, 3, 4, 5, 6}) {
            answer(confined(WHOLE & ~(1 << bit), CONTEXT));
            assertEquals(Reason.REFUSED, refusal(true), "bit " + bit);
        }
        answer(confined(WHOLE & ~(1 << 3), ""));
        assertEquals(Reason.REFUSED, refusal(false));
    }

    @Test
    void refusesRepliesThatBreakTheProtocol() throws Exception {
        List<ByteBuffer> replies = new ArrayList<>(List.of(
                Frame.end(Frame.begin(Frame.ATTRIBUTES, 0)),
                Frame.end(Frame.begin(Frame.CONFINED, 0)),
                ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII))));
        ByteBuffer huge = Frame.begin(Frame.CONFINED, 0).putInt(0, Integer.MAX_VALUE);
        replies.add(huge.flip());
        for (ByteBuffer reply : replies) {
            answer(reply);
            assertEquals(Reason.UNAVAILABLE, refusal(true));
        }
    }

    @Test
    void passesOnWhyAHelperFailed() throws Exception {
        ByteBuffer failed = Frame.begin(Frame.FAILED, 100).putShort((short) 3).putShort((short) 13);
        Frame.putString(failed, "no way\n\u001b[31m in");
        answer(Frame.end(failed));
        HelperException refused = assertThrows(HelperException.class, () -> connect(true));
        assertEquals(Reason.REFUSED, refused.reason());
        assertEquals("helper: no way??[31m in (reason 3, errno 13)", refused.getMessage());
    }

    @Test
    void waitsForNobodyForEver() throws Exception {
        assertTimeoutPreemptively(PROGRESS.multipliedBy(2), () -> {
            // Nobody accepts: at first the reply does not come, then not even the connection.
            for (int i = 0; i < 4; i++) {
                HelperException late = assertThrows(HelperException.class, () -> connect(true, Duration.ofMillis(200)));
                assertEquals(Reason.UNAVAILABLE, late.reason());
            }
        });
    }
}
