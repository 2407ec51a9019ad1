// SPDX-License-Identifier: Apache-2.0
// Lets the clients pause all at once.
package io.github.tomcatselinux.soak;

/** While it is shut nobody is on his way, and everybody has closed his connections. */
final class Gate {
    private boolean shut;
    private boolean over;
    private int inside;

    /** Whoever comes in goes out with {@link #leave}; waits while it is shut. Returns false when it is all over. */
    synchronized boolean enter() throws InterruptedException {
        while (shut && !over) {
            wait();
        }
        if (over) {
            return false;
        }
        inside++;
        return true;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    /** Whether whoever is inside should leave soon. */
    synchronized boolean isShut() {
        return shut || over;
    }

    /** Returns when nobody is inside. */
    synchronized void shut() throws InterruptedException {
        shut = true;
        while (inside > 0) {
            wait();
        }
    }

    synchronized void open() {
        shut = false;
        notifyAll();
    }

    synchronized void end() throws InterruptedException {
        over = true;
        notifyAll();
        while (inside > 0) {
            wait();
        }
    }
}
