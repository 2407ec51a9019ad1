// SPDX-License-Identifier: Apache-2.0
// Whatever of Java's own is known to start threads that the caller does not see.
package io.github.tomcatselinux.guest;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;

/** Nothing here makes a pool or a thread of its own. */
final class Exercise {
    private Exercise() {}

    /** Does it all, in the calling thread. */
    static void all() throws Exception {
        long sum = IntStream.range(0, 10_000).parallel().asLongStream().sum();
        CompletableFuture<Long> future = CompletableFuture.supplyAsync(() -> sum);
        future.orTimeout(1, TimeUnit.MINUTES).get();
        CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS))
                .get();
        try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>()) {
            CompletableFuture<Void> consumed = publisher.consume(item -> {});
            publisher.submit("item");
            publisher.close();
            consumed.get();
        }
        asynchronousFile();
        asynchronousSocket();
        SSLContext.getDefault();
        new SecureRandom().nextInt();
        virtualThreads();
    }

    private static void asynchronousFile() throws Exception {
        Path file = Files.createTempFile("exercise", null);
        Files.writeString(file, "text");
        try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(file)) {
            channel.read(ByteBuffer.allocate(4), 0).get();
        }
        Files.delete(file);
    }

    /** Its group is there before the kernel is asked for a socket. */
    private static void asynchronousSocket() {
        try {
            AsynchronousSocketChannel.open().close();
        } catch (IOException denied) {
            // Nothing was lost.
        }
    }

    /** As many at once as find room, on a Java that has them. */
    private static void virtualThreads() throws IOException, IllegalAccessException, InvocationTargetException {
        try {
            for (int i = 0; i < 100; i++) {
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, (Runnable)
                        Thread::onSpinWait);
            }
        } catch (NoSuchMethodException before21) {
            // There are none.
        }
    }
}
