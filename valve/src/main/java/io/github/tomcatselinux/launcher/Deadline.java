// SPDX-License-Identifier: Apache-2.0
// Ends a blocking exchange that takes too long.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Acts unless it is called off first: neither Unix-domain channels nor pipes know a time-out of their own. */
final class Deadline implements AutoCloseable {
    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private final ScheduledFuture<?> alarm;

    private Deadline(ScheduledFuture<?> alarm) {
        this.alarm = alarm;
    }

    /** Closes the channel when time is up: whoever blocks on it gets an {@link IOException}. */
    static Deadline closing(Channel channel, Duration patience) {
        return new Deadline(CLOCK.schedule(
                () -> {
                    channel.close();
                    return channel;
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS));
    }

    /** Kills the process when time is up. */
    static Deadline ending(Process process, Duration patience) {
        return new Deadline(CLOCK.schedule(process::destroyForcibly, patience.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "tomcat-selinux-deadlines");
            thread.setDaemon(true);
            thread.setContextClassLoader(Deadline.class.getClassLoader());
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
