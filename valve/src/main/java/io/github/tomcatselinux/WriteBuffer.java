// SPDX-License-Identifier: Apache-2.0
// Room for a large body on its way from the servlet to the client's connection.
package io.github.tomcatselinux;

import java.lang.reflect.Field;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.catalina.connector.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.res.StringManager;

/**
 * Tomcat writes a body in pieces of 8 KiB, which is where most of the time for a large file goes, since sendfile is off for
 * confined requests. This gives the connection of such a file a larger buffer. That lives as long as the connection, so
 * only so many of them get one; the others are served as Tomcat would.
 */
final class WriteBuffer {
    /** A body of which it is worth while. */
    static final int LARGE = 262_144;

    private static final int SIZE = 65_536;

    /** They take 14 MiB together: 56 KiB more for writing, and as much for reading, which Tomcat sizes along. */
    static final int MOST = 128;

    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(WriteBuffer.class);

    /** Tomcat tells nobody which connection a request came on; empty where it has become another one's secret. */
    private static final Optional<Field> CONNECTION = connection();

    /** The buffers that were enlarged and are in use. */
    private static final Set<SocketBufferHandler> LARGER = Collections.newSetFromMap(new WeakHashMap<>());

    private WriteBuffer() {}

    /** Makes room, if the connection is one of HTTP/1 and has none. */
    static void enlarge(Request request) {
        of(request).filter(WriteBuffer::isSmall).filter(WriteBuffer::isAdmitted).ifPresent(room -> room.expand(SIZE));
    }

    /** What a request's connection has; empty where that is not known. */
    static Optional<SocketBufferHandler> of(Request request) {
        if (CONNECTION.isEmpty() || !(request.getCoyoteRequest().getInputBuffer() instanceof Http11InputBuffer input)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable((SocketWrapperBase<?>) CONNECTION.get().get(input))
                    .map(SocketWrapperBase::getSocketBufferHandler);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static boolean isSmall(SocketBufferHandler room) {
        return room.isWriteBufferEmpty() && room.getWriteBuffer().capacity() < SIZE;
    }

    private static boolean isAdmitted(SocketBufferHandler room) {
        synchronized (LARGER) {
            return LARGER.size() < MOST && LARGER.add(room);
        }
    }

    private static Optional<Field> connection() {
        try {
            Field field = Http11InputBuffer.class.getDeclaredField("wrapper");
            field.setAccessible(true);
            return Optional.of(field);
        } catch (NoSuchFieldException | RuntimeException hidden) {
            LOG.info(SM.getString("writeBuffer.hidden", hidden.toString()));
            return Optional.empty();
        }
    }
}
