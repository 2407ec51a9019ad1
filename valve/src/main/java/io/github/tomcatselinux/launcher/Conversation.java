// SPDX-License-Identifier: Apache-2.0
// One exchange after the other with a helper, and what becomes of it when one of them breaks.
package io.github.tomcatselinux.launcher;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.time.Duration;

/** Runs each exchange under a deadline; whatever breaks in one closes the connection, and so ends the helper. */
final class Conversation {
    private final FrameChannel frames;
    private final Duration patience;

    /**
     * A conversation.
     *
     * @param patience how long one exchange may take
     */
    Conversation(FrameChannel frames, Duration patience) {
        this.frames = frames;
        this.patience = patience;
    }

    /** What is said and answered. */
    interface Exchange<T> {
        T run() throws IOException;
    }

    /**
     * Runs one exchange.
     *
     * @param what it is called if it breaks
     */
    <T> T talk(String what, Exchange<T> exchange) throws HelperException {
        boolean done = false;
        try (Deadline deadline = frames.deadline(patience)) {
            T result = exchange.run();
            done = true;
            return result;
        } catch (HelperException failed) {
            throw failed;
        } catch (IOException | BufferUnderflowException broken) {
            throw broken(what, broken);
        } finally {
            if (!done) {
                frames.close();
            }
        }
    }

    /** That there is no answer, or none that can be understood. */
    static HelperException broken(String what, Exception cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new HelperException(Reason.UNAVAILABLE, what + ": " + why, cause);
    }
}
