// SPDX-License-Identifier: Apache-2.0
// Wakes a thread of the server's from a confined one.
package io.github.tomcatselinux.threads;

import io.github.tomcatselinux.kernel.VirtualThreads;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Whoever wakes a virtual thread may start the platform thread that is to carry it, and that would inherit the context.
 * So virtual threads are woken by a thread of the server's.
 */
final class Wakeup {
    private static final Queue<Thread> ASLEEP = new ConcurrentLinkedQueue<>();

    private Wakeup() {}

    static void of(Thread thread) {
        if (VirtualThreads.isVirtual(thread)) {
            ASLEEP.add(thread);
            LockSupport.unpark(Waker.THREAD);
        } else {
            LockSupport.unpark(thread);
        }
    }

    /** Starts what wakes virtual threads, unless it runs; to be called by a thread of the server's before it is needed. */
    static void prepare(Thread thread) {
        if (VirtualThreads.isVirtual(thread)) {
            Waker.THREAD.isAlive();
        }
    }

    private static final class Waker {
        private static final Thread THREAD = start();

        private static Thread start() {
            Thread thread = new Thread(Waker::watch, "tomcat-selinux-wakeup");
            thread.setDaemon(true);
            thread.setContextClassLoader(Wakeup.class.getClassLoader());
            thread.start();
            return thread;
        }

        private static void watch() {
            while (true) {
                Thread next = ASLEEP.poll();
                if (next == null) {
                    LockSupport.park(ASLEEP);
                } else {
                    LockSupport.unpark(next);
                }
            }
        }
    }
}
