// SPDX-License-Identifier: Apache-2.0
// What becomes of servlets, and how long their threads live.
package io.github.tomcatselinux;

import io.github.tomcatselinux.threads.ConfinedThreads;

/**
 * The attributes that concern servlets only.
 *
 * @param servlets what becomes of requests for them
 * @param life when a confined thread ends
 * @param most how many confined threads there may be, for all applications
 * @param mostPerContext how many of them in one SELinux context
 * @param allowAsync whether a request may go on asynchronously
 */
record ThreadSettings(
        Servlets servlets, ConfinedThreads.Settings life, int most, int mostPerContext, boolean allowAsync) {

    /** The value of {@code servlets}. */
    enum Servlets {
        /** They run on a thread in the context of the request. */
        THREAD,
        /** They run as Tomcat runs them, as the server. */
        UNCHANGED,
        /** 403. */
        DENY
    }

    /** The value of {@code threads}. */
    enum Threads {
        PER_CONTEXT,
        ONE_TIME
    }
}
