// SPDX-License-Identifier: Apache-2.0
// How a thread takes a context.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.launcher.HelperException;

/** Called once by each thread that will be confined, before it has anything to do. */
@FunctionalInterface
public interface Switch {
    /**
     * Prepares the calling thread for the one context that it will take.
     *
     * @throws HelperException if it could take none: the thread serves nobody and ends
     */
    Ready prepare() throws HelperException;

    /** A thread that has not taken its context yet; used and closed by that thread. */
    interface Ready extends AutoCloseable {
        /**
         * Gives the thread this context for ever.
         *
         * @throws HelperException if it is not known to be in it: the thread serves nobody and ends
         */
        void take(String context) throws HelperException;

        @Override
        void close() throws HelperException;
    }

    /** For a kernel without contexts. */
    Switch NONE = () -> new Ready() {
        @Override
        public void take(String context) {
            // There is nothing to take.
        }

        @Override
        public void close() {
            // Nor was anything opened.
        }
    };
}
