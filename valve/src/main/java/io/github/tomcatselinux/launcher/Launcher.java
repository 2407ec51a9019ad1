// SPDX-License-Identifier: Apache-2.0
// Where helpers come from.
package io.github.tomcatselinux.launcher;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** The native program that forks helpers: a service of the system's, or a child of this JVM. */
public interface Launcher extends AutoCloseable {

    /**
     * A helper of this launcher, already confined.
     *
     * @param file opened ahead; see {@link HelperConnection#openAhead}
     * @param last whether that is all that will be asked, as far as is known
     * @throws HelperException if there is none, or it could not confine itself
     */
    HelperConnection confined(ConfineRequest request, Optional<byte[]> file, boolean last) throws HelperException;

    /**
     * A helper of this launcher, already confined, that was asked for a program in the same breath.
     *
     * @param find the frame that asks
     * @throws HelperException as of {@link #confined}
     */
    HelperConnection finding(ConfineRequest request, ByteBuffer find) throws HelperException;

    /** Says where it is, for logs. */
    @Override
    String toString();

    /** Ends it, if it is ours to end. Helpers of a child end with it. */
    @Override
    void close();

    /** In the place of a launcher that is not there: whoever asks it is told why. */
    static Launcher absent(HelperException why) {
        return new Launcher() {
            @Override
            public HelperConnection confined(ConfineRequest request, Optional<byte[]> file, boolean last)
                    throws HelperException {
                throw new HelperException(why.reason(), why.getMessage(), why);
            }

            @Override
            public HelperConnection finding(ConfineRequest request, ByteBuffer find) throws HelperException {
                throw new HelperException(why.reason(), why.getMessage(), why);
            }

            @Override
            public String toString() {
                return "none";
            }

            @Override
            public void close() {
                // There is nothing to end.
            }
        };
    }

    /** A launcher that the system runs, at its socket. */
    static Launcher service(Path socket) {
        return new Launcher() {
            @Override
            public HelperConnection confined(ConfineRequest request, Optional<byte[]> file, boolean last)
                    throws HelperException {
                return HelperConnection.confined(socket, request, file, last);
            }

            @Override
            public HelperConnection finding(ConfineRequest request, ByteBuffer find) throws HelperException {
                return HelperConnection.finding(socket, request, find);
            }

            @Override
            public String toString() {
                return "unix:" + socket;
            }

            @Override
            public void close() {
                // The service belongs to the system.
            }
        };
    }
}
