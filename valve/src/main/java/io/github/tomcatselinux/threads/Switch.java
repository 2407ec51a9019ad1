// SPDX-License-Identifier: Apache-2.0
// How a thread takes a context.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;

/** Called once by each confined thread, before anything else. */
@FunctionalInterface
public interface Switch {
    /**
     * Gives the calling thread this context for ever.
     *
     * @throws HelperException if it is not known to be in it: the thread serves nobody and ends
     */
    void take(String context) throws HelperException;
}
