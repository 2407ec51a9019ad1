// SPDX-License-Identifier: Apache-2.0
// The threads that the JVM starts when somebody needs them first: the server is that somebody.
package io.github.tomcatselinux.threads;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * A thread has the context of whoever started it. A pool of the JVM's that a confined thread used first would serve
 * everybody in that one's context from then on. Workers of some pools leave after a minute without work: what is started
 * here is to be {@linkplain #keep kept} from that.
 */
public final class LazyPools {
    /** How long a worker waits for the others: where an application keeps them busy, they do not need to be kept. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /** How long a machine that is busy may need to start them all. */
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);

    private LazyPools() {}

    /**
     * Starts them all. To be called by a thread of the server's, before a thread is confined.
     *
     * @throws IOException if one of them does not start, or has not all its workers in time
     */
    public static void start() throws IOException {
        Thread caller = Thread.currentThread();
        ClassLoader loader = caller.getContextClassLoader();
        // They live as long as the JVM, and would keep the loader of the application that is being started.
        caller.setContextClassLoader(ClassLoader.getSystemClassLoader());
        try {
            startAll();
        } finally {
            caller.setContextClassLoader(loader);
        }
    }

    private static void startAll() throws IOException {
        // CompletableFuture's timer, whose one thread never leaves.
        CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS))
                .join();
        // The default group of asynchronous channels, and the executor of those that are files.
        AsynchronousSocketChannel.open().close();
        Path file = Files.createTempFile("selinux", null);
        try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(file, StandardOpenOption.READ)) {
            channel.lock(0, 1, true).cancel(false);
        } finally {
            Files.delete(file);
        }
        for (CountDownLatch all : meet(START_PATIENCE)) {
            try {
                if (!all.await(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException(all.getCount() + " workers of a pool of the JVM's do not start");
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the JVM's pools start", interrupted);
            }
        }
    }

    /** Gives all workers something to do. To be called by a thread of the server's at least twice a minute. */
    public static void keep() {
        meet(PATIENCE);
    }

    private static List<CountDownLatch> meet(Duration patience) {
        List<CountDownLatch> pools = new ArrayList<>();
        pools.add(meet(ForkJoinPool.commonPool(), ForkJoinPool.getCommonPoolParallelism(), patience));
        Carriers.executor().ifPresent(virtual -> pools.add(meet(virtual, Carriers.most(), patience)));
        return pools;
    }

    /** As many tasks as there are workers, each going on until all are there, so that there must be as many workers. */
    private static CountDownLatch meet(Executor pool, int workers, Duration patience) {
        CountDownLatch all = new CountDownLatch(workers);
        for (int i = 0; i < workers; i++) {
            pool.execute(() -> {
                all.countDown();
                long due = System.nanoTime() + patience.toNanos();
                // A virtual thread that waits would leave its carrier to the next.
                while (all.getCount() > 0 && System.nanoTime() - due < 0) {
                    Thread.onSpinWait();
                }
            });
        }
        return all;
    }
}
