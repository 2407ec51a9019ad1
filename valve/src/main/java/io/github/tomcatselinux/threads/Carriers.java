// SPDX-License-Identifier: Apache-2.0
// The platform threads that virtual threads run on, from Java 21 on.
package io.github.tomcatselinux.threads;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A carrier has the context of whoever started it, and with it every virtual thread that comes to run on it. */
final class Carriers {
    private static final Optional<ExecutorService> VIRTUAL = find();

    private Carriers() {}

    /** What runs each task in a virtual thread of its own; empty on a Java that has none. */
    static Optional<Executor> executor() {
        return VIRTUAL.map(Executor.class::cast);
    }

    /** How many there are at most, but for those that stand in for one that is blocked. */
    static int most() {
        return Integer.getInteger(
                "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
    }

    private static Optional<ExecutorService> find() {
        try {
            return Optional.of((ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
        } catch (NoSuchMethodException before21) {
            return Optional.empty();
        } catch (IllegalAccessException | InvocationTargetException broken) {
            throw new ExceptionInInitializerError(broken);
        }
    }
}
