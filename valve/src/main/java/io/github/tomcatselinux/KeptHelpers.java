// SPDX-License-Identifier: Apache-2.0
// Helpers that wait for the next request of the connection that they served.
package io.github.tomcatselinux;

import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.Deadline;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * At most one helper for each connection. It serves a later request only on the very terms that it was taken on, gives
 * way to whoever waits for a helper, and leaves when its connection would be closed for having nothing to say.
 */
final class KeptHelpers implements Admission.Spare, AutoCloseable {
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private boolean closed;

    /**
     * What must be equal for a helper to serve another request.
     *
     * @param frame all that the helper was told to be and granted, but for the name of the request
     * @param rules the rule set that named the context
     * @param files what stands for the application's start; it holds folders, which may bear other names by the next
     */
    record Terms(ConfineRequest frame, Object rules, Object files) {
        static Terms of(ConfineRequest frame, Object rules, Object files) {
            return new Terms(frame.forRequest("any"), rules, files);
        }
    }

    /** A helper with the leave to use it; closing it ends both. */
    record Held(Terms terms, Admission.Permit permit, HelperConnection helper) implements AutoCloseable {
        @Override
        public void close() {
            try (permit) {
                helper.close();
            }
        }
    }

    private record Kept(Held held, Deadline deadline) {
        void end() {
            deadline.close();
            held.close();
        }
    }

    /** The helper that waits for this connection, if it is there on these terms; on others it is ended. */
    Optional<Held> take(String connection, Terms terms, Optional<byte[]> file) {
        Kept found = kept.remove(connection);
        if (found == null) {
            return Optional.empty();
        }
        found.deadline().close();
        if (found.held().terms().equals(terms) && greets(found.held().helper(), file)) {
            return Optional.of(found.held());
        }
        found.held().close();
        return Optional.empty();
    }

    /** Whether the helper is still there, and told what is wanted of it next; another one has to be taken if not. */
    private static boolean greets(HelperConnection helper, Optional<byte[]> file) {
        try {
            if (file.isEmpty()) {
                return helper.isQuiet();
            }
            helper.openAhead(file.get());
            return true;
        } catch (HelperException gone) {
            return false;
        }
    }

    /** Lets a helper wait for the connection's next request. */
    void keep(String connection, Held held, Duration patience) {
        if (!held.helper().rest()) {
            held.close();
            return;
        }
        Kept before;
        synchronized (this) {
            // The alarm may go off before the entry is there: then it waits for that.
            Kept entry = new Kept(held, Deadline.running(() -> expire(connection, held), patience));
            before = closed ? entry : kept.put(connection, entry);
        }
        if (before != null) {
            before.end();
        }
    }

    /** Whoever takes the entry away has the helper: a request that was faster keeps it. */
    private void expire(String connection, Held held) {
        boolean mine;
        synchronized (this) {
            Kept there = kept.get(connection);
            mine = there != null && there.held().equals(held) && kept.remove(connection, there);
        }
        if (mine) {
            held.close();
        }
    }

    /** How many wait. */
    int size() {
        return kept.size();
    }

    @Override
    public boolean giveUp(Optional<String> context) {
        Optional<Map.Entry<String, Kept>> idle = kept.entrySet().stream()
                .filter(entry -> context.isEmpty()
                        || context.get()
                                .equals(entry.getValue().held().terms().frame().context()))
                .findAny();
        idle.filter(entry -> kept.remove(entry.getKey(), entry.getValue()))
                .map(Map.Entry::getValue)
                .ifPresent(Kept::end);
        return idle.isPresent();
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (giveUp(Optional.empty())) {
            // Until none is left.
        }
    }
}
