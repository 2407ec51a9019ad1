// SPDX-License-Identifier: Apache-2.0
// What a confined thread has the server do for it.
package io.github.tomcatselinux;

import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.ServletException;
import java.io.IOException;

/** A confined thread may not reach the launcher: the thread that the request came on connects, and waits meanwhile anyway. */
@FunctionalInterface
interface ServerErrand<T> {

    /** Does it, on a thread of the server's. */
    T call() throws HelperException;

    /**
     * Has it done.
     *
     * @throws HelperException what it threw
     */
    static <T> T run(ServerErrand<T> errand) throws HelperException {
        try {
            return ConfinedThreads.onServer(errand::call);
        } catch (HelperException failed) {
            throw failed;
        } catch (IOException | ServletException undeclared) {
            throw new IllegalStateException(undeclared);
        }
    }

    /** Says something: a confined thread may not write to the server's standard output, where a handler may send it. */
    static void log(Runnable line) {
        try {
            run(() -> {
                line.run();
                return null;
            });
        } catch (HelperException undeclared) {
            throw new IllegalStateException(undeclared);
        }
    }
}
