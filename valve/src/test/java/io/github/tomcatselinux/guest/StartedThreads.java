// SPDX-License-Identifier: Apache-2.0
// Which threads Java starts behind an application's back, in a JVM of its own.
package io.github.tomcatselinux.guest;

import io.github.tomcatselinux.threads.LazyPools;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.FutureTask;

/** Prints the name of each thread that is there afterwards and was not before. */
public final class StartedThreads {
    private StartedThreads() {}

    /** With an argument, starts the JVM's pools first. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            ClassLoader application = new URLClassLoader(new URL[0]);
            Thread.currentThread().setContextClassLoader(application);
            LazyPools.start();
            Thread.currentThread().setContextClassLoader(StartedThreads.class.getClassLoader());
            Thread.getAllStackTraces().keySet().stream()
                    .filter(found -> found.getContextClassLoader() == application)
                    .forEach(found -> System.out.println(found.getName() + " keeps an application's class loader"));
        }
        FutureTask<Void> exercise = new FutureTask<>(() -> {
            Exercise.all();
            return null;
        });
        Thread thread = new Thread(exercise, "exercise");
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        before.add(thread);
        thread.start();
        exercise.get();
        Thread.getAllStackTraces().keySet().stream()
                .filter(found -> !before.contains(found))
                .map(Thread::getName)
                .sorted()
                .forEach(System.out::println);
    }
}
