// SPDX-License-Identifier: Apache-2.0
// The logger of events.
package io.github.tomcatselinux.events;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * One JSON object a line, and nothing else, at the level that JULI calls {@code FINE}: off, unless somebody has made a place
 * for them. What they tell stands in the valve's own lines, too.
 */
public final class EventLog {
    /** What {@code logging.properties} calls it. */
    public static final String NAME = "io.github.tomcatselinux.events";

    private static final Logger LOG = LogManager.getLogger(NAME);

    private EventLog() {}

    /** Whether anybody wants events: if not, none need be made. */
    public static boolean isOn() {
        return LOG.isDebugEnabled();
    }

    /** Writes one. To be called by a thread of the server's. */
    public static void write(String json) {
        LOG.debug(json);
    }
}
