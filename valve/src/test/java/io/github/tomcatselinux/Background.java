// SPDX-License-Identifier: Apache-2.0
// What a test does meanwhile.
package io.github.tomcatselinux;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Work in a thread of its own whose failure is the test's, once it has joined it. */
final class Background {
    private final FutureTask<Void> task;
    private final Thread thread;

    private Background(Callable<Void> work) {
        task = new FutureTask<>(work);
        thread = new Thread(task, "test-background");
        thread.setDaemon(true);
    }

    /** Work that may fail. */
    interface Work {
        void run() throws Exception;
    }

    /** Begins the work. */
    static Background run(Work work) {
        Background background = new Background(() -> {
            work.run();
            return null;
        });
        background.thread.start();
        return background;
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Waits until the work waits itself, with a limit: for a lock it would be without. */
    void awaitWaiting() throws Exception {
        Await.until("the work does not wait", () -> thread.getState() == Thread.State.TIMED_WAITING);
    }

    /** Waits for the end of the work and throws what it threw. */
    void join() throws Exception {
        task.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
