// SPDX-License-Identifier: Apache-2.0
// The last events of one valve.
package io.github.tomcatselinux.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** As many as {@link #MOST}; what is older is forgotten. Any thread may add one, a confined one too. */
public final class Recent {
    /** How many are kept. */
    public static final int MOST = 100;

    private final Deque<Event> events = new ArrayDeque<>(MOST);

    /** Keeps one, and forgets the eldest if there are too many then. */
    public synchronized void add(Event event) {
        if (events.size() == MOST) {
            events.removeFirst();
        }
        events.addLast(event);
    }

    /** Those that are kept, the newest last. */
    public synchronized List<Event> all() {
        return List.copyOf(events);
    }
}
