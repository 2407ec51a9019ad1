// SPDX-License-Identifier: Apache-2.0
// Who says how many confined threads there may be.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;

/** Counts threads from before they start until they have ended, idle ones included. */
public interface Leave {
    /** Leave for one thread; closing it gives the leave back. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits until there may be one more of this context.
     *
     * @throws HelperException if the wait is too long, or too many wait
     */
    Permit enter(String context) throws HelperException;

    /** Whether somebody waits. */
    boolean isAwaited();
}
